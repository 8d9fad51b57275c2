/**
 * RE2's syntax (https://github.com/google/re2/wiki/Syntax), which visitors write and the server runs, as JavaScript's. What is
 * one is not checked here: `new RegExp` does that.
 */

/** What stands for more than itself, in both. */
export const META = /[\\^$.*+?()[\]{}|]/g

/** A pattern that matches just `text`, in both. */
export function literally(text: string): string {
  return text.replace(META, '\\$&')
}

/** What JavaScript writes in another way, or not at all. */
const TOKEN =
  /\\Q(.*?)(?:\\E|$)|(\[\^?)(?:(\])|(?!\]))((?:\\.|\[:\^?\w+:\]|[^\]\\])*)\]|\\[pP](?:\{\^?\w+\}|[A-Z])|\\x\{[\da-fA-F]+\}|\\.|\(\?P<|\(\?<?[=!]|\{\d+(?:,\d*)?\}|[{}[\]]/gs

const MAX_COUNT = 1000 // of RE2

const POSIX: Record<string, string> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t-\\r ',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '\\da-fA-F',
}

/** The source of a RegExp with the flags `s` and `u` that matches what an RE2 pattern does, or why there is none. */
export function toJavaScript(text: string): string | { error: string } {
  let error: string | undefined
  const source = text.replace(TOKEN, (token, quoted?: string, open?: string, bracket?: string, members?: string) => {
    if (quoted !== undefined) return literally(quoted)
    if (open !== undefined && members !== undefined) return `${open}${bracket ? '\\]' : ''}${membersOf(members)}]`
    if (/^\(\?<?[=!]/.test(token)) error = 'A pattern cannot look ahead or behind.'
    if (/^\\[1-9k]/.test(token)) error = 'A pattern cannot refer back to a group.'
    const counts = /^\{(\d+)(?:,(\d*))?\}$/.exec(token)?.slice(1) ?? []
    if (counts.some((count) => Number(count) > MAX_COUNT))
      error = `A pattern cannot repeat more than ${MAX_COUNT} times.`
    if (token === '[') error = 'The pattern is not understood: a [ is not closed.'
    if (token === '(?P<') return '(?<'
    if (token === '\\A') return '^'
    if (token === '\\z') return '$'
    if (token.startsWith('\\')) return escapeOf(token)
    return token.length > 1 ? token : `\\${token}`
  })
  return error === undefined ? source : { error }
}

function membersOf(members: string): string {
  return members.replace(/\\[pP](?:\{\^?\w+\}|[A-Z])|\\x\{[\da-fA-F]+\}|\\.|\[:(\w+):\]/gs, (token, posix?: string) =>
    posix === undefined ? escapeOf(token) : (POSIX[posix] ?? token),
  )
}

function escapeOf(token: string): string {
  const [, kind = '', not = '', name = ''] = /^\\([pPx])\{?(\^?)(\w+)\}?$/.exec(token) ?? []
  if (kind === 'x' && token[2] === '{') return `\\u{${name}}`
  if (kind === 'p' || kind === 'P')
    return `\\${not === '' ? kind : kind === 'p' ? 'P' : 'p'}{${name.length > 2 ? 'Script=' : ''}${name}}`
  if (token === '\\a') return '\\x07'
  // RE2 lets any punctuation be escaped, JavaScript some of it.
  return /\\[!-/:-@[-`{-~]/.test(token) ? `\\x${token.charCodeAt(1).toString(16)}` : token
}
