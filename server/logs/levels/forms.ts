/** Levels that are a letter or mark in a form of one program's own, found whole at the line's beginning. */
import type { Level } from '../../wire.ts'
import { COLON, isDigit, isUpper } from './characters.ts'
import { byFirstCharacter, type Rule, ruleAt } from './rules.ts'
import { levelOfLetter, SYSLOG, wordAt } from './words.ts'

const named = (word: string) => wordAt(word, 0, word.length)?.level

const FORMS: readonly Rule[] = [
  {
    example: '<30>Jan  1 10:00:00 web app: text (syslog: facility times 8 plus severity)',
    first: '<',
    second: '0123456789',
    pattern: /<(\d{1,3})>/y,
    level: (mark) => (Number(mark) < 192 ? SYSLOG[Number(mark) % 8] : undefined),
  },
  {
    example: 'I1122 10:02:11.123456       1 file.go:12] text (klog, glog; CockroachDB with a year)',
    first: 'IWEF',
    second: '0123456789',
    pattern: /([IWEF])(?:\d{4}|\d{6}|\d{8}) \d\d:\d\d:\d\d\.\d/y,
    level: levelOfLetter,
  },
  {
    example: 'E, [2026-11-22T10:02:11.123456 #1] ERROR -- : text (Ruby)',
    first: 'DIWEF',
    second: ',',
    pattern: /([DIWEF]), \[\d{4}-/y,
    level: levelOfLetter,
  },
  {
    example: 'W (1234) wifi: text (ESP-IDF)',
    first: 'VDIWE',
    second: ' ',
    pattern: /([VDIWE]) \((?:\d{1,12}|\d\d:\d\d:\d\d\.\d{3})\) [\w.-]{1,64}: /y,
    level: levelOfLetter,
  },
  {
    example: 'W/ActivityManager( 1234): text (Android)',
    first: 'VDIWEF',
    second: '/',
    pattern: /([VDIWEF])\/[\w.$-]{2,64} *(?:\( *\d{1,7}\))?: /y,
    level: levelOfLetter,
  },
  {
    example: '[W 2026-11-22 10:02:11.123 ServerApp] text (Tornado, Jupyter)',
    first: '[',
    second: 'DIWEC',
    pattern: /\[([DIWEC]) (?:(?:\d{6}|\d{4}-\d\d-\d\d) )?\d\d:/y,
    level: levelOfLetter,
  },
  {
    example: '[10:02:11.123][C][wifi:123]: text (ESPHome: C is its configuration, which Home Assistant takes for info)',
    first: '[',
    second: '0123456789',
    pattern: /\[\d\d:\d\d:\d\d(?:\.\d{3})?\]\[(V|D|I|C|W|E)V?\]\[[\w.-]{1,64}:\d{1,5}\]/y,
    level: (mark) => (mark === 'C' ? 'info' : levelOfLetter(mark)),
  },
  {
    example: '[W] text',
    first: '[',
    second: 'DIWE',
    pattern: /\[([DIWE])\] +[^ [(]/y,
    level: levelOfLetter,
  },
  {
    example: '1:M 22 Nov 2026 10:02:11.123 # text (Redis, Valkey)',
    first: '0123456789',
    pattern: /\d{1,7}:[A-Z] \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d\.\d{3} ([.\-*#]) /y,
    level: (mark) => (mark === '#' ? 'warn' : mark === '*' ? 'info' : 'debug'),
  },
  {
    example: '- 1795341731 2026.11.22 R02-M1 2026-11-22-10.02.11.123456 R02-M1 RAS KERNEL INFO text (Blue Gene/L)',
    first: '-0123456789AKLMT',
    pattern:
      /(?:(?:-|[A-Z]{3,12}) )?\d{10} \d{4}\.\d\d\.\d\d (?:\S{1,64} ){1,4}?(?:APP|BGLMASTER|CMCS|DISCOVERY|HARDWARE|KERNEL|LINKCARD|MMCS|MONITOR|SERV_NET) (INFO|WARNING|SEVERE|ERROR|FATAL) /y,
    level: named,
  },
  {
    example: '{"t":{"$date":"2026-11-22T10:02:11.123+00:00"},"s":"I",  "c":"NETWORK", ... (MongoDB)',
    first: '{',
    pattern: /\{"t":\{"\$date":"[^"]{10,40}"\},"s":"([DIWEF])\d?"/y,
    level: levelOfLetter,
  },
  {
    example: '=ERROR REPORT==== 22-Nov-2026::10:02:11 === (Erlang)',
    first: '=',
    pattern: /=([A-Z]{4,10}) REPORT====/y,
    level: (mark) => (mark === 'CRASH' || mark === 'SUPERVISOR' ? 'error' : mark === 'PROGRESS' ? 'info' : named(mark)),
  },
  {
    example: 'npm ERR! code ENOENT (npm)',
    first: 'n',
    second: 'p',
    pattern: /npm (ERR(?=!)|error|WARN|warn|notice|info|verb|sill)!? /y,
    level: (mark) => (mark === 'verb' ? 'debug' : mark === 'sill' ? 'trace' : named(mark)),
  },
  {
    example: 'NOTICE: PHP message: PHP Fatal error:  Uncaught Exception (PHP, and what FPM puts before it)',
    first: 'PN',
    second: 'HO',
    pattern:
      /(?:NOTICE: PHP message: )?PHP (Fatal error|Recoverable fatal error|Parse error|Warning|Notice|Deprecated): {1,2}/y,
    level: (mark) =>
      mark === 'Fatal error' ? 'fatal' : mark.endsWith('error') ? 'error' : mark === 'Notice' ? 'info' : 'warn',
  },
  {
    example: ' ⨯ Error: no such order (Next.js)',
    first: '⨯⚠',
    pattern: /([\u2a2f\u26a0])\ufe0f? +\S/y,
    level: (mark) => (mark === '⨯' ? 'error' : 'warn'),
  },
]

const FORMS_BY_FIRST = byFirstCharacter(FORMS)

/** The level of the form that `text` has at `at`, if it has one of these. */
export function levelOfForm(text: string, at: number): Level | undefined {
  return isDigit(text.charCodeAt(at)) && !mayBeForm(text, at) ? undefined : ruleAt(FORMS_BY_FIRST, text, at)
}

/** Whether the digits at `at` begin a form, and not a date or an address as most lines with digits do. */
function mayBeForm(text: string, at: number): boolean {
  let end = at + 1
  while (isDigit(text.charCodeAt(end))) end++
  return text.charCodeAt(end) === COLON ? isUpper(text.charCodeAt(end + 1)) : end - at === 10
}
