/**
 * A stand-in for the base image `node:24-alpine`, made of this machine's own Node, npm and busybox: the real Dockerfile can be
 * built on an engine that reaches no registry of images. npm inside reaches packages the way it does on this machine; how
 * that is goes into the stand-in, and nowhere else.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { EngineApi } from './api.ts'
import { importImage, layBusybox } from './image.ts'

/** Variables that say how to reach the network; npm's and Node's own of this machine. */
const NETWORK_VARIABLES =
  /^(https?_proxy|no_proxy|all_proxy|npm_config_(registry|proxy|https_proxy|noproxy|cafile)|node_extra_ca_certs)$/i

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'

export async function importNodeImage(api: EngineApi, name: string): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'sluice-image-'))
  try {
    layBusybox(root)
    layNode(root)
    layNpm(root)
    await importImage(api, root, name, [
      ...networkEnvironment(root),
      'ENV PATH=/usr/local/bin:/usr/bin:/bin',
      'CMD ["node"]',
    ])
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** The parts of glibc that packages' native programs link to, beside what node itself needs. */
const LIBC_PARTS = /^lib(rt|pthread|dl|m|resolv|util|nss_(dns|files))\.so\.\d+$/

/** The node program, with every library that ldd names at the place where it is looked for. */
function layNode(root: string): void {
  const found = spawnSync('ldd', [process.execPath])
    .stdout.toString()
    .matchAll(/(\/\S+) \(0x/g)
  for (const [, path = ''] of found) {
    copyTo(root, path, path)
    if (!path.endsWith('/libc.so.6')) continue
    const libc = dirname(path)
    for (const name of readdirSync(libc).filter((one) => LIBC_PARTS.test(one)))
      copyTo(root, join(libc, name), join(libc, name))
  }
  copyTo(root, process.execPath, '/usr/local/bin/node')
  mkdirSync(join(root, 'usr/bin'), { recursive: true })
  symlinkSync('/bin/env', join(root, 'usr/bin/env')) // npm's programs begin with it.
}

function layNpm(root: string): void {
  const npm = dirname(dirname(realpathSync(execFileSync('sh', ['-c', 'command -v npm']).toString().trim())))
  cpSync(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true })
  for (const program of ['npm', 'npx']) {
    symlinkSync(`../lib/node_modules/npm/bin/${program}-cli.js`, join(root, 'usr/local/bin', program))
  }
  const settings = { globalconfig: '/usr/local/etc/npmrc', userconfig: '/root/.npmrc' }
  for (const [setting, place] of Object.entries(settings)) {
    const path = execFileSync('npm', ['config', 'get', setting, '--loglevel=error']).toString().trim()
    if (existsSync(path)) copyTo(root, path, place)
  }
}

/** As lines of a Dockerfile; with the certificates, and any other file that a variable names. */
function networkEnvironment(root: string): string[] {
  if (existsSync(CERTIFICATES)) copyTo(root, CERTIFICATES, CERTIFICATES)
  return Object.entries(process.env)
    .filter(([name, value]) => NETWORK_VARIABLES.test(name) && value)
    .map(([name, value = '']) => {
      if (value.startsWith('/') && existsSync(value)) copyTo(root, value, value)
      return `ENV ${name}=${JSON.stringify(value)}`
    })
}

function copyTo(root: string, path: string, place: string): void {
  mkdirSync(dirname(join(root, place)), { recursive: true })
  copyFileSync(path, join(root, place))
}
