/**
 * What the tests need from the machine beyond Node, and where it comes from: installed on Debian as root, named elsewhere.
 * Has no dependencies: it runs before there are any.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, closeSync, constants, existsSync, openSync, readSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * @typedef {object} Prerequisite
 * @property {string} what as a person would look for it
 * @property {string} apt Debian's package
 * @property {() => boolean} isMissing
 */

/** @type {Prerequisite[]} */
const PREREQUISITES = [
  // Both ask for themselves: machines have a `docker` command without a daemon, for one that is elsewhere.
  { what: 'the Docker daemon (dockerd)', apt: 'docker.io', isMissing: () => !isProgram('dockerd') },
  { what: 'the docker command', apt: 'docker.io', isMissing: () => !isProgram('docker') },
  { what: 'docker-compose', apt: 'docker-compose', isMissing: () => !isProgram('docker-compose') },
  { what: 'podman', apt: 'podman', isMissing: () => !isProgram('podman') },
  { what: 'runc', apt: 'runc', isMissing: () => !isProgram('runc') },
  { what: 'conmon', apt: 'conmon', isMissing: () => !isProgram('conmon') },
  { what: 'a static busybox', apt: 'busybox-static', isMissing: () => !isStatic('/bin/busybox') },
  { what: 'chromium', apt: 'chromium', isMissing: () => !isProgram('chromium') },
]

/** Throws, naming all that is missing, where it cannot be installed. */
export function ensurePrerequisites() {
  const missing = PREREQUISITES.filter(({ isMissing }) => isMissing())
  if (missing.length === 0) return
  if (canInstall()) {
    const packages = [...new Set(missing.map(({ apt }) => apt))]
    console.log(`Installing ${packages.join(' ')}`)
    apt('update')
    apt('install', '--yes', '--no-install-recommends', ...packages)
  }
  const still = PREREQUISITES.filter(({ isMissing }) => isMissing())
  if (still.length === 0) return
  const list = still.map(({ what, apt }) => `  ${what} (Debian: ${apt})`).join('\n')
  throw new Error(`The tests need what this machine does not have:\n${list}`)
}

function canInstall() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && isProgram('apt-get')
}

/** @param {string[]} args */
function apt(...args) {
  const { status } = spawnSync('apt-get', ['--quiet', ...args], {
    stdio: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed`)
}

/** @param {string} name */
function isProgram(name) {
  const { PATH = '' } = process.env
  return PATH.split(delimiter).some((dir) => {
    try {
      accessSync(join(dir, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** The type of the ELF program header that names a dynamic loader (elf(5)). */
const PT_INTERP = 3

/**
 * In the tests' images busybox is alone, without any library.
 * @param {string} path of a 64 bit ELF file
 */
function isStatic(path) {
  if (!existsSync(path)) return false
  const head = Buffer.alloc(4096)
  const file = openSync(path, 'r')
  readSync(file, head)
  closeSync(file)
  const [offset, size, count] = [Number(head.readBigUInt64LE(32)), head.readUInt16LE(54), head.readUInt16LE(56)]
  return !Array.from({ length: count }, (_, k) => head.readUInt32LE(offset + k * size)).includes(PT_INTERP)
}
