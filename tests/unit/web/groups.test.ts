/** Stack traces, and what else is printed over several lines, as one entry. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { continues } from '../../../web/log/groups.ts'

const NODE = `Error: connect ETIMEDOUT 10.0.3.7:3000
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1637:16)
    at Checkout.pay (/app/checkout.js:118:22) {
  errno: -110,
  code: 'ETIMEDOUT'
}`
const JAVA = `java.lang.IllegalStateException: no pool
\tat com.example.Pool.take(Pool.java:41)
\tat com.example.Orders.place(Orders.java:118)
Caused by: java.net.ConnectException: refused
\tat java.base/sun.nio.ch.Net.connect(Net.java:579)
\t... 12 more`
const PYTHON = `Traceback (most recent call last):
  File "/app/orders.py", line 41, in place
    take(pool)
    ^^^^^^^^^^
  File "/app/pool.py", line 7, in take
    raise Refused("no pool")
app.errors.Refused: no pool`
const GO = `panic: runtime error: index out of range [3] with length 3

goroutine 1 [running]:
main.(*Pool).Take(0xc000012345, {0x1, 0x2})
\t/app/pool.go:41 +0x1d
main.main()
\t/app/main.go:12 +0x5b
created by main.start in goroutine 7
\t/app/main.go:9 +0x11`
const DOTNET = `System.InvalidOperationException: no pool
 ---> System.Net.Sockets.SocketException (111): refused
   at Pool.Connect() in /src/Pool.cs:line 12
   --- End of inner exception stack trace ---
   at Program.Main(String[] args)`
const RUST = `thread 'main' panicked at src/main.rs:4:9:
stack backtrace:
   0: rust_begin_unwind
             at /rustc/std/src/panicking.rs:665:5
note: run with \`RUST_BACKTRACE=full\` for more`
const PHP = `PHP Fatal error:  Uncaught Exception: no in /app/x.php:3
Stack trace:
#0 /app/x.php(9): take()
#1 {main}
  thrown in /app/x.php on line 3`
const OBJECT = `{
  "pool": [
    1,
    2
  ]
}`

const joined = (text: string) => text.split('\n').map((line, i, all) => i > 0 && continues(line, all[i - 1] ?? ''))

describe('a line that continues the one above', () => {
  it.each([
    ['Node', NODE],
    ['Java', JAVA],
    ['Python', PYTHON],
    ['Go', GO],
    ['Rust', RUST],
    ['PHP', PHP],
    ['a printed object', OBJECT],
  ])('makes one entry of what %s prints', (_, text) => {
    const [first, ...rest] = joined(text)
    expect(first).toBe(false)
    expect(rest).toEqual(rest.map(() => true))
  })

  it('makes one entry of the frames of .NET, below what it says', () => {
    expect(joined(DOTNET).slice(2)).toEqual([true, true, true])
  })

  it.each([
    'GET /items/4210 200 3ms',
    '2026-11-22 10:02:03.114 | INFO | ready',
    '{"level":"info","msg":"ready"}',
    'Error: connect ETIMEDOUT',
    'Traceback (most recent call last):',
    ' one space is no indent of a frame',
    '',
    '# a comment',
    'at noon',
    '...',
  ])('is none when it says something of its own: %j', (text) => {
    expect(continues(text, 'ready')).toBe(false)
    expect(continues(text, '\tat com.example.Pool.take(Pool.java:41)')).toBe(text.startsWith(' '))
  })

  it.each([
    '2026-11-22 10:02:03.114 | ERROR    | app.mail:send:46 - receipt for order 7 not sent',
    'CRITICAL:root:no pool',
    '{"level":"error","msg":"no pool"}',
  ])('is a traceback under the line that logs it: %j', (logged) => {
    const [first, ...rest] = joined(`${logged}\n${PYTHON}`)
    expect(first).toBe(false)
    expect(rest).toEqual(rest.map(() => true))
  })

  it('is no traceback that follows on another, or on a line of another level', () => {
    const [again] = joined(`${PYTHON}\n${PYTHON}`).slice(PYTHON.split('\n').length)
    expect(again).toBe(false)
    expect(continues('Traceback (most recent call last):', '| INFO | app:run:1 - no errors')).toBe(false)
  })

  it('is not taken for the end of a traceback below the frames of another language', () => {
    expect(continues('java.lang.Error: again', '    at com.example.Pool.take(Pool.java:41)')).toBe(false)
    expect(continues('level=info msg=ready', '    take(pool)')).toBe(false)
  })

  it('is told for any two texts, without an exception', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => typeof continues(a, b) === 'boolean'))
  })

  it.each([
    ['blanks', ' '.repeat(60_000)],
    ['tabs', '\t'.repeat(60_000)],
    ['brackets', `${')'.repeat(60_000)}x`],
    ['calls', 'a('.repeat(30_000)],
    ['words', 'a'.repeat(60_000)],
    ['dots', 'a.'.repeat(30_000)],
  ])('is told in a moment for a line of %s', (_, text) => {
    const start = performance.now()
    for (const previous of ['x', 'goroutine 1 [running]:', '    take(pool)', text]) continues(text, previous)
    expect(performance.now() - start).toBeLessThan(200)
  })
})
