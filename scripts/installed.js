/** Whether `node_modules` is what the lock file says. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * npm writes its own copy of the lock file last, so a broken install counts as none.
 * @param {string} root the folder of package.json
 */
export function installed(root) {
  const marker = join(root, 'node_modules/.package-lock.json')
  return existsSync(marker) && statSync(marker).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs
}
