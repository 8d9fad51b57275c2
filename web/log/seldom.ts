/** What need not be done each time it is asked for. */

export interface Seldom {
  (): void
  cancel(): void
}

/** Runs `run` so many ms after it was asked for, once for all that ask until then. */
export function later(ms: number, run: () => void): Seldom {
  let timer: ReturnType<typeof setTimeout> | undefined
  const ask = () => {
    timer ??= setTimeout(() => {
      timer = undefined
      run()
    }, ms)
  }
  const cancel = () => {
    clearTimeout(timer)
    timer = undefined
  }
  return Object.assign(ask, { cancel })
}

/** Runs `run` at once, but not again before so many ms: whoever asks meanwhile is served then, all together. */
export function seldom(ms: number, run: () => void): Seldom {
  let isResting = false
  let isAsked = false
  const rested = later(ms, () => {
    isResting = false
    if (isAsked) ask()
  })
  const ask = () => {
    isAsked = isResting
    if (isResting) return
    isResting = true
    rested()
    run()
  }
  return Object.assign(ask, { cancel: rested.cancel })
}
