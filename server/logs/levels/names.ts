/** Names that stand before a level: of loggers, hosts, threads, modules and programs, as opposed to words of a sentence. */
import {
  BAR,
  CLOSE_BRACKET,
  COMMA,
  DASH,
  DOT,
  EQUALS,
  isBlank,
  isDigit,
  isLetter,
  isWordChar,
  OPEN_BRACKET,
  QUOTE,
} from './characters.ts'

/** Whether a name is a program's rather than a word of a sentence: `user@db`, `web-1`, `com.example.Orders`. */
export function isStructured(text: string, at: number, end: number): boolean {
  for (let i = at; i < end; i++) {
    const code = text.charCodeAt(i)
    if (!isLetter(code) && code !== COMMA && code !== 39 /* ' */ && !(code === DOT && i === end - 1)) return true
  }
  return text.charCodeAt(end) === OPEN_BRACKET
}

/** Whether a name is a module's or a version's: `shop.orders`, `v2`. Without a time, a dash is not enough: `built-in`. */
export function isModule(text: string, at: number, end: number): boolean {
  if (!isLetter(text.charCodeAt(at))) return false
  let structured = false
  for (let i = at; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code === DOT ? i < end - 1 : isDigit(code)) structured = true
    else if (!isWordChar(code) && code !== DASH) return false
  }
  return structured
}

const PROGRAM = / +(?:kernel|[\w./-]{1,64}(?:\(\w{1,32}\))?\[\d{1,7}\]):/y

/** Whether `sshd[12]:` or `kernel:` follows, which shows the word that ends at `hostEnd` to be syslog's host. */
export function isBeforeProgram(text: string, hostEnd: number): boolean {
  PROGRAM.lastIndex = hostEnd
  return PROGRAM.test(text)
}

export function isNumber(text: string, at: number, end: number): boolean {
  while (at < end && isDigit(text.charCodeAt(at))) at++
  return at === end
}

/** Just after the name that begins before `at`: at a blank, a quote, a bracket, a bar or an equals sign. */
export function endOfName(text: string, at: number): number {
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isBlank(code) || code === EQUALS || code === BAR || code === QUOTE) break
    if (code === OPEN_BRACKET || code === CLOSE_BRACKET) break
  }
  return at
}
