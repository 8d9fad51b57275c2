/** Running something in a later task of the browser's, after what it has to do before: drawing, input. */

/** A function that defers others, in order, without the 4 ms that nested timers wait. */
export function laterTask(): (run: () => void) => void {
  const channel = new MessageChannel()
  const runs: (() => void)[] = []
  channel.port1.onmessage = () => runs.shift()?.()
  return (run) => {
    runs.push(run)
    channel.port2.postMessage(null)
  }
}
