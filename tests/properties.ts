/**
 * Property tests draw the same cases in every run, so that a failure is the change's and comes again. To look for more:
 * `SEED=7 npx vitest run tests/unit`, or `SEED=random`, which draws new ones each time; what fails names its own seed.
 */
import fc from 'fast-check'

const { SEED = '1' } = process.env
if (SEED !== 'random') fc.configureGlobal({ seed: Number(SEED) })
