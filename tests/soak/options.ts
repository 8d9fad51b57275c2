/** The soak's command line. */
import { parseArgs } from 'node:util'
import type { SoakOptions } from './run.ts'
import type { Kind } from './session.ts'

const KINDS: readonly Kind[] = ['plain', 'slow', 'filtered', 'merged']

export const USAGE = `npm run soak -- [--seed N] [--minutes M] [--sessions N] [--containers N] [--kinds ${KINDS.join(',')}]
                 [--no-strays] [--no-rotation] [--without FAULT,...] [--verbose]`

/** Throws an Error with a sentence for the person who typed it. */
export function readOptions(args: readonly string[], dist: string): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      minutes: { type: 'string', default: '2' },
      sessions: { type: 'string', default: '24' },
      containers: { type: 'string', default: '8' },
      kinds: { type: 'string', default: KINDS.join(',') },
      'no-strays': { type: 'boolean', default: false },
      'no-rotation': { type: 'boolean', default: false },
      without: { type: 'string', default: '' },
      verbose: { type: 'boolean', default: false },
    },
  })
  return {
    seed: positive('seed', values.seed),
    seconds: positive('minutes', values.minutes) * 60,
    sessions: positive('sessions', values.sessions),
    containers: positive('containers', values.containers),
    kinds: values.kinds.split(',').map(kindOf),
    strays: !values['no-strays'],
    rotation: !values['no-rotation'],
    without: values.without.split(','),
    verbose: values.verbose,
    dist,
  }
}

function positive(name: string, text: string): number {
  const number = Number(text)
  if (!(number > 0)) throw new Error(`--${name} ${text}: a number above 0`)
  return number
}

function kindOf(name: string): Kind {
  const kind = KINDS.find((known) => known === name)
  if (!kind) throw new Error(`--kinds ${name}: there are ${KINDS.join(', ')}`)
  return kind
}
