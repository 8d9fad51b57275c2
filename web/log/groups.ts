/**
 * Which lines belong to the entry above them: the frames of a stack trace, the body of a traceback, an object printed
 * over several lines. Judged by a line and the one before it only, so that any place of a log can be looked at alone:
 * an empty line within a trace may therefore end it.
 */

/** Lines that stand under another whatever that is. Each begins at the line's first character, which keeps them linear. */
const UNDER = new RegExp(
  [
    String.raw`\t+\S`,
    String.raw` {4,}\S`,
    String.raw` +(?:at|in|from|thrown in) \S`, // .NET indents its frames by three spaces
    String.raw` +\d{1,4}: \S`, // Rust
    ' +File "', // Python
    String.raw`\s*\.\.\. \d+ (?:more|common frames|lines)`,
    String.raw`\s*[\])}]+[;,]?\s*$`,
    'Caused by: ',
    'Suppressed: ',
    'During handling of the above exception, ',
    'The above exception was the direct cause ',
    String.raw`goroutine \d+ `,
    String.raw`created by \S+`,
    String.raw`#\d+ \S`, // PHP
    'Stack trace:$',
    'stack backtrace:$',
    'note: run with `RUST_BACKTRACE',
  ].join('|'),
  'y',
)
const INDENTED = /[\t ]+\S/y
/** What the lines of a printed object, or of a traceback, are indented under. */
const OPENER = /[{[(]|last\):/
const GO_FRAME = /[\w./-]+\(/y // `main.(*Pool).Take(0xc000012345)`, to its closing bracket
const GO_PLACE = /\t\S+\.(?:go|s):\d+/y
const GO_PANIC = /(?:panic|fatal error): |\[signal /y
/** The last line of a traceback, `app.errors.Refused: no`; taken for one only below its source text. */
const PYTHON_ERROR = /[A-Za-z_][\w.]{0,200}(?:: |:?$)/y
const TRACEBACK = 'Traceback (most recent call last):'
/** Python's logging prints what was raised below its message. Under a line of another level it is of something else. */
const NAMES_ERROR = /\b(?:error|critical|fatal)\b/i
const NAMED_CHARS = 200 // where a level stands
const PYTHON_BODY = /(?: {4,}(?!at )\S| +File ")/y

/** Whether `text` goes on with the entry that the line before it belongs to. */
export function continues(text: string, previous: string): boolean {
  if (text === '') return begins(GO_PANIC, previous) || begins(GO_PLACE, previous)
  if (begins(UNDER, text)) return true
  if (text.startsWith(TRACEBACK)) return NAMES_ERROR.test(previous.slice(0, NAMED_CHARS))
  if (begins(INDENTED, text)) return begins(INDENTED, previous) || OPENER.test(previous.slice(-6))
  if (begins(GO_PLACE, previous) || previous.startsWith('goroutine '))
    return text.endsWith(')') && begins(GO_FRAME, text)
  return begins(PYTHON_BODY, previous) && begins(PYTHON_ERROR, text)
}

function begins(sticky: RegExp, text: string): boolean {
  sticky.lastIndex = 0
  return sticky.test(text)
}
