/**
 * Heads of crashes, which name no level: an error, or fatal where the process dies of it. Only what the line's own form
 * leaves no doubt about: of `TypeError: x` only the next line tells whether it heads a stack trace.
 */
import type { Level } from '../../wire.ts'
import { byFirstCharacter, type Rule, ruleAt } from './rules.ts'

const CRASHES: readonly Rule[] = [
  {
    example: 'Traceback (most recent call last): (Python, with and without a group)',
    first: 'T+',
    second: 'r ',
    pattern: /(?:\+ Exception Group )?Traceback \(most recent call last\):/y,
    level: 'error',
  },
  {
    example: 'Fatal Python error: Segmentation fault',
    first: 'F',
    second: 'a',
    pattern: /Fatal Python error: /y,
    level: 'fatal',
  },
  {
    example: 'Exception in thread "main" java.lang.Error: no such order (Java; Python names Thread-1)',
    first: 'E',
    second: 'x',
    pattern: /Exception in thread (?:"[^"]{0,200}" |[\w.-]{1,64}(?: \([^)]{0,100}\))?:)/y,
    level: 'error',
  },
  {
    example: 'Error occurred during initialization of VM (Java)',
    first: 'E',
    second: 'r',
    pattern: /Error occurred during initialization of (?:VM|boot layer)/y,
    level: 'fatal',
  },
  {
    example: '# A fatal error has been detected by the Java Runtime Environment: (HotSpot)',
    first: '#',
    pattern: /# +(?:A fatal error has been detected by the Java|There is insufficient memory for the Java) Runtime/y,
    level: 'fatal',
  },
  {
    example: 'Terminating due to java.lang.OutOfMemoryError: Java heap space',
    first: 'T',
    second: 'e',
    pattern: /Terminating due to java\.lang\./y,
    level: 'fatal',
  },
  {
    example: 'panic: runtime error: index out of range (Go)',
    first: 'pf',
    second: 'a',
    pattern: /(?:panic|fatal error): \S/y,
    level: 'fatal',
  },
  {
    example: 'http: panic serving 10.0.0.7:51000: no such order (Go: the server lives on)',
    first: 'h',
    second: 't',
    pattern: /http2?: panic serving /y,
    level: 'error',
  },
  {
    example: "thread 'main' panicked at src/main.rs:2:5: (Rust: other threads die alone)",
    first: 't',
    second: 'h',
    pattern: /thread '(main)?[^']{0,100}'(?: \(\d{1,10}\))? panicked at /y,
    level: (mark) => (mark === 'main' ? 'fatal' : 'error'),
  },
  {
    example: 'Segmentation fault (core dumped)',
    first: 'SABIFT',
    second: 'ebuloer',
    pattern:
      /(?:Segmentation fault(?: \(core dumped\))?|(?:Aborted|Bus error|Illegal instruction|Floating point exception|Trace\/breakpoint trap) \(core dumped\))\s*$/y,
    level: 'fatal',
  },
  {
    example: '*** stack smashing detected ***: terminated (glibc)',
    first: '*',
    pattern: /\*\*\* (?:stack smashing|buffer overflow) detected \*\*\*/y,
    level: 'fatal',
  },
  {
    example: 'double free or corruption (out) (glibc)',
    first: 'dfmc',
    second: 'oura',
    pattern:
      /(?:double free or corruption \(|(?:free|munmap_chunk)\(\): invalid |malloc\(\): |corrupted (?:size vs\. prev_size|double-linked list))/y,
    level: 'fatal',
  },
  {
    example: "terminate called after throwing an instance of 'std::runtime_error' (C++)",
    first: 'tl',
    second: 'ei',
    pattern:
      /(?:terminate called (?:after throwing an instance of '|without an active exception)|libc\+\+abi: terminating)/y,
    level: 'fatal',
  },
  {
    example:
      'Unhandled exception. System.InvalidOperationException: no such order (.NET; Mono writes a colon, Dart no more)',
    first: 'U',
    second: 'n',
    pattern: /Unhandled [eE]xception(?:\. +\S|: System\.|:\s*$)/y,
    level: 'fatal',
  },
  {
    example: 'Unhandled exception: no such order, Unhandled Rejection at: Promise',
    first: 'U',
    second: 'n',
    pattern: /Unhandled (?:[eE]xception: |(?:[pP]romise )?[rR]ejection(?: at:|:| \(\w{1,64}\):))/y,
    level: 'error',
  },
  {
    example: 'Uncaught (in promise) TypeError: x is not a function (browsers, Node, Deno)',
    first: 'U',
    second: 'n',
    pattern: /Uncaught (?:\(in promise\)|[eE]xception(?=:|\s*$| in | at )|[\w.\\]{0,100}(?:Error|Exception)\b(?! \w))/y,
    level: 'error',
  },
  {
    example: '[UnhandledPromiseRejection: This error originated either by throwing (Node)',
    first: '[',
    second: 'U',
    pattern: /\[UnhandledPromiseRejection: /y,
    level: 'fatal',
  },
  {
    example: 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory (Node)',
    first: 'F',
    second: 'A',
    pattern: /FATAL ERROR: \S/y,
    level: 'fatal',
  },
  {
    example: 'Fatal error: Uncaught Exception: no such order (PHP, OCaml, Swift)',
    first: 'F',
    second: 'a',
    pattern: /Fatal error(?:: \S|\. (?:System\.|Internal CLR))/y,
    level: 'fatal',
  },
  {
    example: '** (RuntimeError) no such order (Elixir)',
    first: '*',
    pattern: /\*\* \((?:(?:[A-Z]\w{0,64}\.){0,8}[A-Z]\w{0,64}(?:Error|Exception)\) |EXIT from )/y,
    level: 'error',
  },
  {
    example: '(node:1) DeprecationWarning: Buffer() is deprecated (Node)',
    first: '(',
    second: 'n',
    pattern: /\(node:\d{1,10}\) (?:\[\w{1,20}\] )?[A-Z]\w{0,64}Warning: /y,
    level: 'warn',
  },
  {
    example: '[vite] Internal server error: cannot resolve the import (Vite)',
    first: '[',
    second: 'v',
    pattern: /\[vite\] (?:\(\w{1,20}\) )?(?:Internal server error\b|(?:[\w-]{1,20} ){1,3}error:)/y,
    level: 'error',
  },
  {
    example: 'exec /entrypoint.sh: exec format error (runc)',
    first: 'e',
    second: 'x',
    pattern: /exec \/[^\s:]{1,200}: (?:exec format error|no such file or directory|permission denied)\s*$/y,
    level: 'fatal',
  },
]

const CRASHES_BY_FIRST = byFirstCharacter(CRASHES)

/** The level of the crash whose head stands at `at`, if one does. */
export function levelOfCrash(text: string, at: number): Level | undefined {
  return ruleAt(CRASHES_BY_FIRST, text, at)
}

// Ruby ends its head with the class, a compiler and Python begin theirs with the place: `/srv/a.rb:3:in 'pack': gone (KeyError)`.
const RUBY = /in [`'][^']{1,100}': .*\((?:[A-Z]\w*::){0,8}[A-Z]\w*\)\s*$/y
const COMPILER_ERROR = /(?:- )?(?:fatal error: |error [A-Z]{1,8}\d{1,6}:)/y
const COMPILER_WARNING = /warning [A-Z]{1,8}\d{1,6}:/y
const PYTHON_WARNING = /[A-Z]\w{0,64}Warning: /y
const SHELL = /line \d{1,9}: +\d{1,10} (?:Segmentation fault|Aborted|Bus error|Illegal instruction|Killed) /y

/** The level of what stands at `at`, behind a place in a program's text: `src/main.c:3:5: ` or `/srv/a.rb:3:`. */
export function levelAfterPlace(text: string, at: number): Level | undefined {
  switch (text.charAt(at)) {
    case 'i':
      return matches(RUBY, text, at) ? 'error' : undefined
    case 'l':
      return matches(SHELL, text, at) ? 'fatal' : undefined
    case 'e':
    case 'f':
    case '-':
      return matches(COMPILER_ERROR, text, at) ? 'error' : undefined
    case 'w':
      return matches(COMPILER_WARNING, text, at) ? 'warn' : undefined
    default:
      return matches(PYTHON_WARNING, text, at) ? 'warn' : undefined
  }
}

function matches(sticky: RegExp, text: string, at: number): boolean {
  sticky.lastIndex = at
  return sticky.test(text)
}
