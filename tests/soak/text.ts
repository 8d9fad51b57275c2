/** What the soak's writers write, and the soak's own reading of it: which filters let a line pass. Independent of the server. */
import type { Random } from './random.ts'

const LEVELS = ['debug', 'info', 'info', 'info', 'warn', 'error', 'fatal'] as const
const FRUITS = ['apple', 'Pear', 'pear', 'plum', 'Plum', 'quince'] as const
const CODES = [200, 200, 204, 301, 404, 500, 503] as const
/** Beyond ASCII, in a short line's end: the bytes of a character must not fall apart. Long ones are cut, and stay ASCII. */
const TAILS = ['', '', '', ' müde', ' 日本', ' 🐳'] as const

/** A whole line of ours. What a kill cut off or glued together is Docker's truth as well, but no filter's answer to it is known. */
const FORM = /^level=(\w+) n=\d+ fruit=(\w+) code=(\d{3}) pad=x*(?: \S+)?$/

/** One line without its newline, `padding` bytes longer than need be. */
export function lineText(random: Random, number: number, padding: number): string {
  const head = `level=${random.pick(LEVELS)} n=${number} fruit=${random.pick(FRUITS)} code=${random.pick(CODES)}`
  return `${head} pad=${'x'.repeat(padding)}${padding < 1_000 ? random.pick(TAILS) : ''}`
}

export interface Filter {
  /** As it stands in the stream's address. */
  readonly query: string
  readonly passes: (line: Facts) => boolean
}

/** What a line says, as far as filters ask. */
interface Facts {
  readonly stream: 'stdout' | 'stderr'
  readonly level: string
  readonly fruit: string
  readonly code: string
}

const isSevere = ({ level }: Facts) => level === 'error' || level === 'fatal'
const isPear = ({ fruit }: Facts) => fruit.toLowerCase() === 'pear'
const isPlum = ({ fruit }: Facts) => fruit.toLowerCase() === 'plum'

export const FILTERS: readonly Filter[] = [
  { query: 'stream=stderr', passes: ({ stream }) => stream === 'stderr' },
  { query: 'stream=stdout', passes: ({ stream }) => stream === 'stdout' },
  { query: 'level=error,fatal', passes: isSevere },
  { query: 'q=pear', passes: isPear },
  { query: 'q=Pear', passes: ({ fruit }) => fruit === 'Pear' },
  { query: `re=${encodeURIComponent('code=5\\d\\d ')}`, passes: ({ code }) => code.startsWith('5') },
  { query: 'not=plum', passes: (line) => !isPlum(line) },
  { query: 'level=error,fatal&stream=stdout', passes: (line) => isSevere(line) && line.stream === 'stdout' },
  {
    query: 'q=pear&not=code%3D200&level=info',
    passes: (line) => isPear(line) && line.code !== '200' && line.level === 'info',
  },
]

/** Bit of lines whose passing is not known: both outcomes are right. Bits below it are those of `FILTERS`. */
export const UNCERTAIN = 1 << 15

/** The filters that let this line pass, as bits. */
export function passesOf(stream: Facts['stream'], message: string): number {
  const [, level, fruit, code] = FORM.exec(message) ?? []
  if (level === undefined || fruit === undefined || code === undefined) return UNCERTAIN
  const facts = { stream, level, fruit, code }
  return FILTERS.reduce((bits, { passes }, at) => (passes(facts) ? bits | (1 << at) : bits), 0)
}
