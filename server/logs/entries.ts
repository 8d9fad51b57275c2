/**
 * Entries of several lines: whether a line continues the one before it in its stream, as a stack trace continues the error
 * that it belongs to. Judged by the two lines alone, so that any part of a log can be read by itself. Pure; the page groups
 * rows by the same function as the server filters lines by.
 */
import type { Level } from '../wire.ts'

/** A line as a person reads it: without escape sequences. */
export interface PlainLine {
  readonly text: string
  readonly level: Level | undefined
}

/** A way in which lines continue others. Each pattern begins at a line's first character and is linear in its length. */
interface Form {
  readonly pattern: RegExp
  /** Whether it may continue the line before; undefined: it may continue any. */
  readonly after?: (previous: PlainLine) => boolean
  /** A blank line may stand between them: Spring and Python print one within a trace. */
  readonly isAcrossBlank?: boolean
}

/** What its own form proves. */
const ALWAYS = [
  String.raw`\t+\S`,
  String.raw` {4,}\S`,
  String.raw` {1,3}(?:at|in|from|thrown in) \S`, // .NET indents its frames by three spaces
  String.raw` {1,3}\d{1,4}: \S`, // Rust
  ' {1,3}File "', // Python
  ' {1,3}--->? ?', // .NET: ` ---> inner`, `   --- End of inner exception stack trace ---`
  ' {1,3}[+|][ -]', // Python's exception groups
  String.raw` {1,3}[\])}]`,
  String.raw`\s*\.\.\. \d+ (?:more|common frames|lines)`,
  '(?:Caused by|Suppressed|Wrapped by): ',
  '--- End of ',
  'During handling of the above exception, ',
  'The above exception was the direct cause ',
  String.raw`goroutine \d+ (?:gp=.{1,80}? )?\[`,
  String.raw`#\d{1,4} {1,2}(?:[/{[]|0x|[\w\\.:-]{1,200}[(:])`, // PHP, gdb
  '(?:PHP )?Stack trace:$',
  String.raw`PHP +\d{1,4}\. `,
  String.raw`\[(?:stacktrace|previous exception)\]`, // Laravel
  'stack backtrace:$',
  'note: (?:run with `RUST_BACKTRACE|Some details are omitted)',
  String.raw`\S{1,300}\.rb:\d{1,6}:in [^:]{1,300}$`, // Rails; an error of Ruby itself goes on with `: no pool (KeyError)`
].join('|')

const CLASS = String.raw`(?:(?:[A-Za-z_$][\w$]{0,99}(?:[.\\]|::)){1,20}[A-Z_$][\w$]{0,99}|(?:[A-Z][\w$]{0,99}?)?(?:Error|Exception|Throwable|Warning|Interrupt|Exit|Failure))`
/** An exception by its class: `java.net.ConnectException: refused`, `ValueError: no`, `System.IO.IOException (0x80): no`. */
const EXCEPTION = new RegExp(String.raw`${CLASS}(?: [([][\w ]{1,40}[)\]])?(?:: |:?$)`, 'y')
const CHAINED = /(?:During handling of the above|The above) exception/y
const GO_PLACE = /\t\S+\.(?:go|s):\d+/y
const GO_PANIC = /(?:panic|fatal error): |\[signal /y
const INDENTED = /[\t ]+\S/y
/** What the lines of a printed object, or of a traceback, are indented under. */
const OPENER = /(?:[{[(]|last\):)\s{0,2}$/
const CLOSER = /[\])}]/y
const PYTHON_BODY = /(?: {4,}(?!at )\S| +File ")/y
const TRACEBACK = /(?:[ |]{1,40}\+ Exception Group )?(?:Traceback|Stack) \(most recent call last\):/y

const isIndented = ({ text }: PlainLine): boolean => begins(INDENTED, text)
const opens = ({ text }: PlainLine): boolean => OPENER.test(text.slice(-8))
const isError = ({ level }: PlainLine): boolean => level === 'error' || level === 'fatal'
/** What was thrown is logged under warnings too. */
const isRaised = (line: PlainLine): boolean => isError(line) || line.level === 'warn'
const isInGo = ({ text }: PlainLine): boolean => begins(GO_PLACE, text) || text.startsWith('goroutine ')

const takesBlank = (previous: PlainLine): boolean =>
  isIndented(previous) ||
  isRaised(previous) ||
  [EXCEPTION, CHAINED, GO_PANIC].some((pattern) => begins(pattern, previous.text))

const BLANK = /\s*$/y
/** The last line of a traceback: below its source text any class may stand, `socket.timeout: timed out`. */
const RAISED = /(?:(?:[A-Za-z_]\w{0,99}\.){1,20}\w{1,100}|[A-Z]\w{0,99})(?:: |:?$)/y
const OWN_TIME = /\s+[[(]?(?:\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d)/y

export const FORMS: readonly Form[] = [
  { pattern: BLANK, after: takesBlank },
  { pattern: new RegExp(ALWAYS, 'y') },
  { pattern: INDENTED, after: (previous) => isIndented(previous) || opens(previous) },
  {
    pattern: /[\])}]+[;,]?\s*$/y,
    after: (previous) => isIndented(previous) || opens(previous) || begins(CLOSER, previous.text),
  },
  { pattern: TRACEBACK, after: (line) => isError(line) || begins(CHAINED, line.text), isAcrossBlank: true },
  { pattern: EXCEPTION, after: isRaised, isAcrossBlank: true },
  { pattern: RAISED, after: ({ text }) => begins(PYTHON_BODY, text) },
  { pattern: /[\w./-]{1,300}\(.*\)$/y, after: isInGo }, // `main.(*Pool).Take(0xc000012345)`
  { pattern: /created by \S/y, after: isInGo },
  { pattern: /\[signal /y, after: ({ text }) => begins(GO_PANIC, text) },
]
/**
 * Whether a line continues the one before it in its stream. One with a level of its own, or a time, begins an entry. `isApart`: a
 * blank line stands between them.
 */
export function continues(line: PlainLine, previous: PlainLine, isApart = false): boolean {
  if (beginsEntry(line)) return false
  return FORMS.some(({ pattern, after, isAcrossBlank }) => {
    if (!begins(pattern, line.text)) return false
    return after === undefined || ((isAcrossBlank || !isApart) && after(previous))
  })
}

/** Whether a line continues none, whatever is before it. */
export function beginsEntry({ text, level }: PlainLine): boolean {
  return level === undefined ? begins(OWN_TIME, text) : !begins(TRACEBACK, text)
}

/** Whether nothing is to be read on a line. */
export function isBlank({ text }: PlainLine): boolean {
  return begins(BLANK, text)
}

export function begins(sticky: RegExp, text: string): boolean {
  sticky.lastIndex = 0
  return sticky.test(text)
}
