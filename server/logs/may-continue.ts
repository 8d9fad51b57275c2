/**
 * Whether a line may continue another at all, before that one is looked at: a cheap no for most of the lines that a filter
 * judges, some 50 ns where a look at each form takes ten times as long.
 */
import { begins, beginsEntry, FORMS, type PlainLine } from './entries.ts'

/** What keeps the patterns off most lines: of those that begin with a word, what that is, or what follows it. */
const WORDS = /Caused|Suppressed|Wrapped|During|The above|goroutine|PHP|[Ss]tack|Traceback|created|note/y
const NAME = new Uint8Array(128)
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_$.\\/@:-')
  NAME[char.charCodeAt(0)] = 1
const MARKS = ')]}#[-.'
const LONGEST_NAME = 400
/** All of them as one. */
const ANY = new RegExp(FORMS.map(({ pattern }) => pattern.source).join('|'), 'y')

/** Whether there are lines that this one would continue. */
export function mayContinue(line: PlainLine): boolean {
  const { text } = line
  const first = text.charCodeAt(0)
  if (line.level !== undefined || !(first > 32)) return !beginsEntry(line) && begins(ANY, text)
  if (first >= 48 && first <= 57) return false // a time or an address
  return (beginsAsName(text) || MARKS.includes(text.charAt(0)) || begins(WORDS, text)) && begins(ANY, text)
}

/** Whether a text begins as a class, a call or a path of a stack trace does: `ValueError: x`, `main.main()`, `app.rb:3:in x`. */
function beginsAsName(text: string): boolean {
  let end = 0
  while (NAME[text.charCodeAt(end)] === 1 && end < LONGEST_NAME) end++
  if (end === 0) return false
  const next = text.charAt(end)
  if (next !== ' ') return next === '' || next === '(' || next === '['
  const then = text.charAt(end + 1)
  return text.charAt(end - 1) === ':' || then === '(' || then === '[' || text.startsWith(':in', end - 3)
}
