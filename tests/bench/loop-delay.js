/**
 * Preloaded into a server that the bench starts with an IPC channel (`--import`): answers each message with the longest delay
 * of the event loop since the one before, in milliseconds, less the timer's own resolution.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION_MS = 1
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delay.enable()
process.on('message', () => {
  process.send?.(Math.max(0, delay.max / 1e6 - RESOLUTION_MS))
  delay.reset()
})
// Listening alone would keep the process from ending.
process.channel?.unref()
