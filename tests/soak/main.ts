/** The soak: long runs of every fault there is, and Docker's own logs to judge what came through. */
import { readOptions, USAGE } from './options.ts'
import { failure, isClean, summary } from './report.ts'
import { runSoak, type SoakOptions } from './run.ts'

const USAGE_ERROR = 2
const HARNESS_FAILED = 3

/** Resolves with the exit code: 0 if every line came once and in order, 1 if not. Exits with 3 when it could not be told. */
export async function soak(args: readonly string[], dist: string): Promise<number> {
  let options: SoakOptions
  try {
    options = readOptions(args, dist)
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`)
    return USAGE_ERROR
  }
  console.log(`soak: seed ${options.seed}, ${options.seconds / 60} min, ${options.sessions} sessions`)
  const interrupt = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort())
  const result = await runSoak(options, interrupt.signal).catch((error: unknown) => console.error(error))
  if (!result) process.exit(HARNESS_FAILED) // not returned: what still waits for the engine that is gone would hold it up
  if (!isClean(result)) {
    console.error(failure(options, result))
    return 1
  }
  console.log(`${summary(options, result)}\nclean: every line once, in order`)
  return 0
}
