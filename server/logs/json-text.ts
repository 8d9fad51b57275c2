/**
 * Sought text as JSON writes it. A search looks through lines as they were written, so that the page, the server and a shell
 * count the same; but a person types what the page shows, and that draws a line of JSON as a sentence: `span_id=null` for
 * `"span_id":null`, `"no"` for `\"no\"`, and PHP's `\/cart` as `/cart`. So each of these stands for its form in JSON too.
 */

const SYNTAX = /[\\^$.*+?()[\]{}|]/

/** What `=` stands for: itself, or what JSON has between a key and a value, the quotes with it. */
const EQUALS = '(?:=|" ?: ?"?)'

/** Of a text, and of such characters in it: more than one types of a field, and 3 ms at most in a line of 64 KiB. */
const MAX_CHARS = 200
const MAX_FORMS = 8

/** The source of a pattern, of RE2 or of JavaScript, for a text and its form in JSON; undefined where that is no other. */
export function jsonPattern(text: string): string | undefined {
  // What a text begins with is found without the backslash before it.
  const forms = text.slice(1).split(/["/=]/).length - 1 + (text.startsWith('=') ? 1 : 0)
  if (forms === 0 || forms > MAX_FORMS || text.length > MAX_CHARS) return undefined
  return text.replace(/[\\^$.*+?()[\]{}|="/]/g, (char, at: number) => {
    if (char === '=') return EQUALS
    if (SYNTAX.test(char)) return `\\${char}`
    return at > 0 ? `\\\\?${char}` : char
  })
}
