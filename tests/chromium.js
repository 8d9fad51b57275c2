/** The system's Chromium as tests, bench and pictures start it: without a sandbox, since they run as root, and silent on the network. */
import { execFileSync } from 'node:child_process'

/** @returns {string} */
export function chromiumPath() {
  return execFileSync('sh', ['-c', 'command -v chromium']).toString().trim()
}

export const CHROMIUM_FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
