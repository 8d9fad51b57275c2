/** What belongs to one entry: an error with its stack trace, and what else is printed over several lines. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { continues, isBlank, type PlainLine } from '../../../server/logs/entries.ts'
import { detectLevel } from '../../../server/logs/levels/detect.ts'
import { mayContinue } from '../../../server/logs/may-continue.ts'

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

/** Spring, of a servlet that failed. */
const SPRING = `2026-11-22 10:02:03.114 ERROR 1 --- [nio-8080-exec-1] o.a.c.c.C.[dispatcherServlet] : Request failed with root cause

java.lang.IllegalStateException: no pool
\tat com.example.Pool.take(Pool.java:41) ~[app.jar:1.0]
\tat com.example.Orders.place(Orders.java:118) ~[app.jar:1.0]
\tSuppressed: java.io.IOException: closed
\t\tat com.example.Pool.close(Pool.java:9)
Caused by: java.net.ConnectException: refused
\t... 12 common frames omitted`
const CHAINED = `ERROR:root:order 7 failed
Traceback (most recent call last):
  File "/app/pool.py", line 7, in take
    return free[key]
           ~~~~^^^^^
KeyError: 'web'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/orders.py", line 41, in place
    take(pool)
socket.timeout: timed out`
const SERILOG = `[10:02:03 ERR] HTTP POST /orders responded 500
System.InvalidOperationException: no pool
 ---> System.Net.Sockets.SocketException (111): refused
   at Pool.Connect() in /src/Pool.cs:line 12
   --- End of inner exception stack trace ---
   at Program.Main(String[] args)
--- End of stack trace from previous location ---
   at Program.Run()`
const SIGNAL = `panic: runtime error: invalid memory address
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x49a]

goroutine 1 gp=0xc0000061c0 m=0 mp=0x5 [running]:
main.main()
\t/app/main.go:12 +0x5b

goroutine 18 [chan receive]:
main.wait(0xc000012345)
\t/app/wait.go:4 +0x11
created by main.start in goroutine 1
\t/app/main.go:9 +0x11`
const RUBY = `app.rb:3:in 'Pool#take': no pool (KeyError)
\tfrom app.rb:7:in 'Orders#place'
\tfrom app.rb:12:in '<main>'`
const RAILS = `F, [2026-11-22T10:02:03.114 #1] FATAL -- : ActionView::Template::Error (no pool):
app/models/pool.rb:12:in 'Pool#take'
app/controllers/orders_controller.rb:7:in \`place'`
const LARAVEL = `[2026-11-22 10:02:03] production.ERROR: no pool {"exception":"[object] (RuntimeException(code: 0)
[stacktrace]
#0 /app/Pool.php(9): take()
#1 [internal function]: App\\Orders->place()
#2 {main}
"}`
const GROUP = `ERROR:root:two failed
  + Exception Group Traceback (most recent call last):
  |   File "/app/pool.py", line 7, in take
  | ExceptionGroup: two (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | ValueError: one
    +------------------------------------`
const WARNED = `10:02:03.114 [main] WARN  c.e.Pool - retrying
java.net.ConnectException: refused
\tat com.example.Pool.take(Pool.java:41)`

const logLine = (message: string): PlainLine => ({ text: message, level: detectLevel(message) })

/** Of each line of a text, whether it continues what is above it. */
function joined(text: string): boolean[] {
  const lines = text.split('\n').map(logLine)
  return lines.map((line, index) => {
    const [further, before] = [lines[index - 2], lines[index - 1]]
    if (!before) return false
    const isApart = further !== undefined && isBlank(before) && !isBlank(further)
    return continues(line, isApart ? further : before, isApart)
  })
}
const joins = (text: string, previous: string) => continues(logLine(text), logLine(previous))

describe('a line that continues the one above', () => {
  it.each([
    ['Node', NODE],
    ['Java', JAVA],
    ['Spring', SPRING],
    ['a Java logger, as a warning', WARNED],
    ['Python', PYTHON],
    ['Python, of an error within another', CHAINED],
    ['Python, of a group of errors', GROUP],
    ['Go', GO],
    ['Go, after a signal', SIGNAL],
    ['Serilog', SERILOG],
    ['Rust', RUST],
    ['PHP', PHP],
    ['Ruby', RUBY],
    ['Rails', RAILS],
    ['a printed object', OBJECT],
  ])('makes one entry of what %s prints', (_, text) => {
    const [first, ...rest] = joined(text)
    expect(first).toBe(false)
    expect(rest).toEqual(rest.map(() => true))
  })

  it('makes one entry of the frames of .NET, below what it says', () => {
    expect(joined(DOTNET).slice(1)).toEqual([true, true, true, true])
  })

  it('makes one entry of a trace of Laravel, up to the end of its JSON', () => {
    expect(joined(LARAVEL)).toEqual([false, true, true, true, true, false])
  })

  it.each([
    'GET /items/4210 200 3ms',
    '2026-11-22 10:02:03.114 | INFO | ready',
    '{"level":"info","msg":"ready"}',
    'Error: connect ETIMEDOUT',
    'Traceback (most recent call last):',
    ' one space is no indent of a frame',
    '',
    '}',
    '#42 fixed',
    'goroutine 7 has ended',
    'created by alice',
    'java.lang.IllegalStateException: no pool',
    '# a comment',
    'at noon',
    '...',
  ])('is none when it says something of its own: %j', (text) => {
    expect(joins(text, 'ready')).toBe(false)
    expect(joins(text, '\tat com.example.Pool.take(Pool.java:41)')).toBe(/^ |^}|^$/.test(text))
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
    expect(joins('Traceback (most recent call last):', '| INFO | app:run:1 - no errors')).toBe(false)
  })

  it('is not taken for the end of a traceback below the frames of another language', () => {
    expect(joins('java.lang.Error: again', '    at com.example.Pool.take(Pool.java:41)')).toBe(false)
    expect(joins('level=info msg=ready', '    take(pool)')).toBe(false)
  })

  it.each([
    '   INFO 1 --- [main] c.e.App : ready',
    '\t2026-11-22 10:02:03 ready',
    '    [10:02:03] ready',
    '\tERROR: no pool',
    'level=error msg=no',
  ])('is none with a level or a time of its own: %j', (text) => {
    for (const previous of ['ERROR no pool', '\tat com.example.Pool.take(Pool.java:41)', '{'])
      expect(joins(text, previous)).toBe(false)
  })

  it('is one of those that may continue some line', () => {
    const texts = [NODE, JAVA, SPRING, PYTHON, CHAINED, GROUP, GO, SIGNAL, SERILOG, RUST, PHP, RUBY, RAILS, OBJECT]
    const text = fc.oneof(fc.string(), fc.constantFrom(...texts.flatMap((each) => each.split('\n'))))
    fc.assert(
      fc.property(text, text, fc.boolean(), (one, other, isApart) => {
        if (continues(logLine(one), logLine(other), isApart)) expect(mayContinue(logLine(one))).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([
    ['blanks', ' '.repeat(60_000)],
    ['tabs', '\t'.repeat(60_000)],
    ['brackets', `${')'.repeat(60_000)}x`],
    ['calls', 'a('.repeat(30_000)],
    ['words', 'a'.repeat(60_000)],
    ['names', 'A'.repeat(60_000)],
    ['errors', 'Error'.repeat(12_000)],
    ['dots', 'a.'.repeat(30_000)],
    ['paths', 'a.rb:1'.repeat(10_000)],
    ['numbers', `#1 ${'a.'.repeat(30_000)}`],
  ])('is told in a moment for a line of %s', (_, text) => {
    const line = { text, level: undefined }
    const start = performance.now()
    for (const previous of ['x', 'ERROR x', 'goroutine 1 [running]:', '    take(pool)', text])
      continues(line, { text: previous, level: previous === 'ERROR x' ? 'error' : undefined })
    expect(performance.now() - start).toBeLessThan(200)
  })
})
