/**
 * Images for tests, made from files of this machine: no registry is ever asked. `busybox:latest` is Debian's
 * busybox-static under its usual names.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type EngineApi, EngineApiError } from './api.ts'

const BUSYBOX = '/bin/busybox'

/** Imports a directory as an image of one layer. `changes` are Dockerfile lines: `CMD`, `ENV`, `ENTRYPOINT`, ... */
export async function importImage(
  api: EngineApi,
  root: string,
  name: string,
  changes: readonly string[] = [],
): Promise<void> {
  const [repo, tag = 'latest'] = name.split(':')
  // --numeric-owner, root: what a package manager would have made, whoever runs the tests.
  const archive = spawn('tar', ['-C', root, '--numeric-owner', '--owner=0', '--group=0', '-c', '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(archive, 'exit')
  const progress = await api.open({
    method: 'POST',
    path: '/images/create',
    query: { fromSrc: '-', repo: repo ?? name, tag, changes },
    body: archive.stdout,
  })
  // Errors after the first byte come as a line of the progress, with status 200.
  const said = await text(progress)
  const [code] = await ended
  if (code !== 0 || said.includes('"error"')) throw new Error(`importing ${name}: tar ended with ${code}; ${said}`)
}

/** Makes `busybox:latest` unless the engine has it. */
export async function ensureBusybox(api: EngineApi): Promise<void> {
  if (await hasImage(api, 'busybox:latest')) return
  const root = mkdtempSync(join(tmpdir(), 'sluice-image-'))
  try {
    layBusybox(root)
    await importImage(api, root, 'busybox:latest', ['CMD ["sh"]', 'ENV PATH=/bin'])
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** Puts busybox under all of its names into `root/bin`, beside what else is to be in the image. */
export function layBusybox(root: string): void {
  chmodSync(root, 0o755)
  for (const dir of ['bin', 'tmp', 'etc', 'proc', 'sys', 'dev']) mkdirSync(join(root, dir), { recursive: true })
  chmodSync(join(root, 'tmp'), 0o1777)
  copyFileSync(BUSYBOX, join(root, 'bin/busybox'))
  chmodSync(join(root, 'bin/busybox'), 0o755)
  for (const applet of spawnSync(BUSYBOX, ['--list']).stdout.toString().trim().split('\n')) {
    if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet))
  }
}

async function hasImage(api: EngineApi, name: string): Promise<boolean> {
  try {
    await api.bytes({ path: `/images/${name}/json` })
    return true
  } catch (error) {
    if (error instanceof EngineApiError && error.status === 404) return false
    throw error
  }
}
