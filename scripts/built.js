/** Whether `dist` is what the sources make. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const SOURCES = ['server', 'web', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json']

/**
 * By time: a source that is newer than the server's bundle has not been built.
 * @param {string} root the folder of package.json
 */
export function built(root) {
  const bundle = join(root, 'dist/server.js')
  if (!existsSync(bundle)) return false
  const { mtimeMs } = statSync(bundle)
  return SOURCES.every((source) => newest(join(root, source)) <= mtimeMs)
}

/** @param {string} path @returns {number} the newest change below `path`, in ms */
function newest(path) {
  if (!statSync(path).isDirectory()) return statSync(path).mtimeMs
  return Math.max(statSync(path).mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}
