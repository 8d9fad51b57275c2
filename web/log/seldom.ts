/** What need not be done each time it is asked for. */

export interface Seldom {
  (): void
  cancel(): void
}

/** A function that runs `run` so many ms after it was first called, once for all calls until then. */
export function seldom(ms: number, run: () => void): Seldom {
  let timer: ReturnType<typeof setTimeout> | undefined
  const ask = () => {
    timer ??= setTimeout(() => {
      timer = undefined
      run()
    }, ms)
  }
  return Object.assign(ask, {
    cancel: () => {
      clearTimeout(timer)
      timer = undefined
    },
  })
}
