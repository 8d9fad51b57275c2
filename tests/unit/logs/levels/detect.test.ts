/** What level a line names: a table of lines as real programs write them, and what holds for any line at all. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { detectLevel } from '../../../../server/logs/levels/detect.ts'
import { plainText, sequencesIn } from '../../../../server/logs/plain-text.ts'
import type { Level } from '../../../../server/wire.ts'

type Expected = Level | undefined

const JSON_LINES: [Expected, string][] = [
  ['info', '{"level":30,"time":1795341731123,"pid":1,"hostname":"api","msg":"listening"}'],
  ['fatal', '{"level":60,"time":1795341731123,"pid":1,"hostname":"api","msg":"out of file handles"}'],
  ['trace', '{"name":"api","hostname":"a1","pid":1,"level":10,"msg":"","time":"2026-11-22T10:02:11.123Z","v":0}'],
  ['warn', '{"level":40,"msg":"retrying"}'],
  ['info', '{"level":"info","ts":1795341731.1,"logger":"http.log.access","msg":"handled request","status":500}'],
  ['error', '{"message":"cannot reach the printer","level":"error","timestamp":"2026-11-22T10:02:11.123Z"}'],
  ['warn', '{ "severity" : "WARNING", "message" : "slow query" }'],
  ['error', '{"@timestamp":"2026-11-22T10:02:11.123Z","log.level":"ERROR","message":"shard failed"}'],
  ['debug', '{"@timestamp":"2026-11-22T10:02:11.123Z","log":{"logger":"web","level":"debug"},"message":"x"}'],
  ['warn', '{"@level":"warn","@message":"plugin is old","@timestamp":"2026-11-22T10:02:11.123Z"}'],
  ['fatal', '{"asctime": "2026-11-22 10:02:11,123", "name": "root", "levelname": "CRITICAL", "message": "no disk"}'],
  ['error', '{"message":"x","context":{"a":[1,{"level":"info"}]},"level":400,"level_name":"ERROR","channel":"app"}'],
  ['info', '{"EventId":14,"LogLevel":"Information","Category":"Microsoft.Hosting.Lifetime","Message":"Now listening"}'],
  [
    'info',
    '{"text": "12 INFO lamp\\n", "record": {"elapsed": {"s": 1}, "level": {"icon": "i", "name": "INFO", "no": 20}}}',
  ],
  ['info', '{"t":{"$date":"2026-11-22T10:02:11.123+00:00"},"s":"I",  "c":"NETWORK",  "id":22943,"ctx":"listener"}'],
  ['warn', '{"level":"\\u001b[33mwarn\\u001b[39m","message":"coloured by winston"}'],
  ['info', '{"SeverityText":"INFO","Body":"lamp sold"}'],
  ['error', '2026-11-22T10:02:11.123Z {"level":"error","msg":"after a time"}'],
  ['fatal', '{"level":"panic","msg":"nothing left to try"}'],
  ['info', '{"context":"NestFactory","level":"log","message":"Starting"}'],
  ['error', '{"msg":"a brace } and a quote \\" and a backslash \\\\","level":"error"}'],
  [undefined, '{"message":"level=error"}'],
  [undefined, '{"message":"\\"level\\":\\"error\\"","status":200}'],
  [undefined, '{"message":"[ERROR] quoted from elsewhere"}'],
  [undefined, '{"data":{"level":"error"},"msg":"not its own level"}'],
  [undefined, '{"log":{"name":"error"},"msg":"a logger of that name"}'],
  [undefined, '{"tags":["level","error"],"msg":"x"}'],
  [undefined, '{"event":"levelup","player":"ada","level":30}'],
  [undefined, '{"event":"lift","level":3}'],
  [undefined, '{"event":"water","level":"high"}'],
  [undefined, '{"level":300,"msg":"a number of no known scale"}'],
  [undefined, '{"level":null,"severity":true}'],
  [undefined, '{"error":"none","errors":[],"warn":0}'],
  [undefined, "{'level': 'error'}"],
  [undefined, '{"level"'],
  [undefined, '{"level":"err'],
  [undefined, '[{"level":"error"}]'],
  [undefined, '{}'],
  [undefined, '  "level": "error",'],
]

const LOGFMT_LINES: [Expected, string][] = [
  ['info', 'time="2026-11-22T10:02:11Z" level=info msg="Configuration loaded from file: /etc/traefik/traefik.yml"'],
  ['warn', 'level=warn ts=2026-11-22T10:02:11.123Z caller=head.go:1 msg="out of order"'],
  ['error', 't=2026-11-22T10:02:11+0000 lvl=eror msg="Request failed" logger=context'],
  ['info', 'ts=2026-11-22T10:02:11.123456Z lvl=info msg="InfluxDB starting" log_id=0a'],
  ['fatal', 'time="2026-11-22T10:02:11.123456789Z" level=fatal msg="failed to start containerd" error="timeout"'],
  ['error', 'time=2026-11-22T10:02:11.123Z level=ERROR source=main.go:12 msg="slog text"'],
  ['warn', 'severity="warning" msg=x'],
  ['info', 'msg="set level=debug to see more" level=info'],
  ['debug', '2026/11/22 10:02:11 level=debug msg=x'],
  [undefined, 'level=error'],
  [undefined, 'LOG_LEVEL=debug'],
  [undefined, 'log_level=debug port=8080'],
  [undefined, 'start with level=debug to see more'],
  [undefined, 'level=high water=rising'],
  [undefined, 'msg="level=error'],
  [undefined, 'GET /lamps?level=error 200'],
  [undefined, 'https://shop.example/lamps?level=error&x=1 fetched'],
]

const TEXT_LINES: [Expected, string][] = [
  ['info', '[INFO] ready'],
  ['error', '[error] no route'],
  ['warn', '[ warn] [input] paused'],
  ['info', 'INFO:     203.0.113.9:51000 - "GET /error HTTP/1.1" 200 OK'],
  ['warn', 'WARNING:root:text'],
  ['info', 'INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.'],
  ['info', '2026-11-22T10:02:11.123Z INFO text'],
  ['info', '2026-11-22T10:02:11.123456Z  INFO lamp_shop::orders: packed order=1042'],
  ['info', '\x1b[2m2026-11-22T10:02:11.123456Z\x1b[0m \x1b[32m INFO\x1b[0m \x1b[2mlamp_shop\x1b[0m: packed'],
  ['info', '\x1b[32mINFO\x1b[0m:     Started server process [1]'],
  ['warn', '\x1b[33mWARN\x1b[0m[0042] logrus on a terminal'],
  ['info', '[2026-11-22T10:02:11Z INFO  lamp_shop::orders] packed'],
  ['warn', '2026-11-22 10:02:11.123 | WARNING  | orders.mail:send:12 - slow'],
  ['info', '2026-11-22 10:02:11.123 | SUCCESS  | orders.mail:send:12 - sent'],
  ['info', '\x1b[32m2026-11-22 10:02:11.123\x1b[0m | \x1b[1mINFO    \x1b[0m | \x1b[36morders\x1b[0m - packed'],
  ['fatal', '<34>Oct 11 22:14:15 mymachine su: failed'],
  ['info', '<30>1 2026-11-22T10:02:11Z web app 1 - - text'],
  ['info', 'I1122 10:02:11.123456       1 controller.go:12] synced'],
  ['error', 'E1122 10:02:11.123456       1 reflector.go:147] failed to list'],
  ['error', '2026-11-22 10:02:11,123 ERROR [main] com.example.Orders - no such order'],
  ['error', '10:02:11.123 [http-nio-8080-exec-1] ERROR c.e.shop.OrderController - no such order'],
  ['info', '2026-11-22T10:02:11.123Z  INFO 1 --- [           main] c.e.shop.Shop  : Started Shop in 2.1 seconds'],
  ['info', '22-Nov-2026 10:02:11.123 INFO [main] org.apache.catalina.startup.Catalina.start Server startup'],
  ['error', 'SEVERE: cannot bind'],
  ['info', '[main] INFO org.eclipse.jetty.server.Server - Started'],
  ['info', '[2026-11-22T10:02:11,123][INFO ][o.e.n.Node               ] [node-1] started'],
  ['info', '[2026-11-22 10:02:11,123] INFO [KafkaServer id=1] started (kafka.server.KafkaServer)'],
  ['error', '2026-11-22 10:02:11,123 - root - ERROR - could not pack'],
  ['error', '2026-11-22 10:02:11,123 - lamp_shop.orders - ERROR - could not pack'],
  ['info', '[2026-11-22 10:02:11 +0000] [1] [INFO] Starting gunicorn 23.0.0'],
  ['info', '[2026-11-22 10:02:11,123: INFO/MainProcess] celery@worker ready.'],
  ['warn', '[2026-11-22T10:02:11.123+0000] {taskinstance.py:1} WARNING - late'],
  ['info', '2026-11-22 10:02:11 [info     ] order packed              order=1042'],
  ['info', '[10:02:11] INFO     order packed                      orders.py:12'],
  ['info', '           INFO     and another                       orders.py:13'],
  ['error', 'E, [2026-11-22T10:02:11.123456 #1] ERROR -- : could not pack'],
  ['error', '2026/11/22 10:02:11 [error] 12#12: *1 open() "/srv/a" failed (2: No such file or directory)'],
  ['info', '2026/11/22 10:02:11 [notice] 1#1: using the "epoll" event method'],
  ['fatal', 'nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)'],
  ['info', '[Sun Nov 22 10:02:11.123456 2026] [core:notice] [pid 1:tid 1] AH00094: Command line'],
  ['info', '2026-11-22 10:02:11.123 UTC [1] LOG:  database system is ready to accept connections'],
  ['error', '2026-11-22 10:02:11.123 UTC [42] shop@lamps ERROR:  relation "lamp" does not exist at character 15'],
  ['fatal', '2026-11-22 10:02:11.123 UTC [42] FATAL:  password authentication failed for user "shop"'],
  ['info', '2026-11-22 10:02:11+00:00 [Note] [Entrypoint]: Entrypoint script for MySQL Server started.'],
  ['warn', '2026-11-22T10:02:11.123456Z 0 [Warning] [MY-010068] [Server] CA certificate ca.pem is self signed.'],
  ['info', '1:M 22 Nov 2026 10:02:11.123 * Ready to accept connections tcp'],
  ['warn', '1:M 22 Nov 2026 10:02:11.123 # WARNING Memory overcommit must be enabled!'],
  ['info', '2026-11-22T10:02:11.123Z\tINFO\thttp\tserver/server.go:12\tlistening\t{"port": 8080}'],
  ['info', '2026-11-22T10:02:11.123456Z\tinfo\txdsproxy\tconnected'],
  ['info', '2026/11/22 10:02:11.123\tINFO\tusing config from file'],
  ['info', '2026-11-22T10:02:11.123Z\t8f1c2d3e-aaaa-bbbb-cccc-000000000000\tINFO\tlambda'],
  ['error', '10:02AM ERR could not pack error="no box"'],
  ['info', '2026-11-22T10:02:11Z INF Starting tunnel'],
  ['debug', '[10:02:11 DBG] Serilog'],
  ['info', 'info: Microsoft.Hosting.Lifetime[14]'],
  ['error', 'fail: Microsoft.AspNetCore.Server.Kestrel[13]'],
  ['fatal', 'crit: Microsoft.AspNetCore.Hosting[6]'],
  ['trace', 'trce: Shop.Orders[0]'],
  ['info', '[Nest] 1  - 11/22/2026, 10:02:11 AM     LOG [NestFactory] Starting Nest application...'],
  ['error', '[Nest] 1  - 11/22/2026, 10:02:11 AM   ERROR [ExceptionsHandler] no such order'],
  ['info', 'INFO[0000] starting'],
  ['warn', '[GIN-debug] [WARNING] Creating an Engine instance with the Logger and Recovery middleware'],
  ['info', '2026-11-22T10:02:11.123Z pid=1 tid=abc INFO: Booting Sidekiq'],
  ['error', '[2026-11-22 10:02:11] local.ERROR: no such order {"exception":"x"}'],
  ['info', '[22-Nov-2026 10:02:11] NOTICE: fpm is running, pid 1'],
  ['warn', 'npm WARN deprecated inflight@1.0.6: This module leaks memory.'],
  ['error', 'npm ERR! code ENOENT'],
  ['error', '2026-11-22T10:02:11Z E! [inputs.cpu] failed'],
  ['info', '[I 2026-11-22 10:02:11.123 ServerApp] Serving at http://192.0.2.1:8888'],
  ['info', '2026/11/22 10:02:11 cmd/web.go:123:runWeb() [I] Starting Gitea'],
  ['info', '[1] 2026/11/22 10:02:11.123456 [INF] Starting nats-server'],
  ['info', '2026-11-22T10:02:11.123Z [INFO]  agent: Synced node info'],
  ['warn', '1795341731: Warning: Mosquitto should not be run as root/administrator.'],
  ['info', '1795341731.123456 INFO epoch'],
  ['error', 'Nov 22 10:02:11 web-1 orders[12]: ERROR: could not pack'],
  ['warn', '(node:1) Warning: Accessing non-existent property'],
  ['error', "Error: Cannot find module '/srv/index.js'"],
  ['fatal', 'panic: runtime error: index out of range [3] with length 3'],
  ['fatal', 'fatal: not a git repository (or any of the parent directories): .git'],
  ['warn', 's6-rc: warning: unable to start service nginx: command exited 1'],
  ['error', 'ERROR in ./src/index.ts'],
  ['error', 'error: bad'],
  ['info', '2026-11-22T10:02:11.123Z info: winston'],
  ['error', '2026-11-22 10:02:11.123 [error] <0.208.0> closing AMQP connection'],
  ['info', '2026-11-22 10:02:11,123 [myid:1] - INFO  [main:QuorumPeer@1] - started'],
  ['info', '2026-11-22 10:02:11.123+0000 [id=1]\tINFO\tjenkins.InitReactorRunner$1#onAttained'],
]

/** Crashes, which name no level. */
const CRASHES: [Expected, string][] = [
  ['error', 'Traceback (most recent call last):'],
  ['error', '  + Exception Group Traceback (most recent call last):'],
  ['error', '2026-11-22 10:02:11 Traceback (most recent call last):'],
  ['error', 'Exception in thread "main" java.lang.IllegalStateException: no such order'],
  ['error', 'Exception in thread "pool-1 [thread] 2" java.lang.Error'],
  ['error', 'Exception in thread Thread-1 (pack):'],
  ['fatal', 'Error occurred during initialization of VM'],
  ['fatal', '# A fatal error has been detected by the Java Runtime Environment:'],
  ['fatal', 'Terminating due to java.lang.OutOfMemoryError: Java heap space'],
  ['fatal', 'panic: no such order'],
  ['fatal', 'panic: no such order [recovered]'],
  ['fatal', 'fatal error: all goroutines are asleep - deadlock!'],
  ['error', '2026/11/22 10:02:11 http: panic serving 203.0.113.9:51000: no such order'],
  ['fatal', "thread 'main' panicked at src/main.rs:2:5:"],
  ['fatal', "thread 'main' (12) panicked at src/main.rs:2:5:"],
  ['fatal', "thread 'main' panicked at 'no such order', src/main.rs:2:5"],
  ['error', "thread 'tokio-runtime-worker' panicked at src/orders.rs:2:5:"],
  ['error', "thread '<unnamed>' panicked at src/orders.rs:2:5:"],
  ['fatal', 'Segmentation fault'],
  ['fatal', 'Segmentation fault (core dumped)'],
  ['fatal', '\x1b[31mSegmentation fault\x1b[0m'],
  ['fatal', '/entrypoint.sh: line 3:    12 Segmentation fault      (core dumped) ./shop'],
  ['fatal', 'Bus error (core dumped)'],
  ['fatal', '*** stack smashing detected ***: terminated'],
  ['fatal', 'double free or corruption (out)'],
  ['fatal', "terminate called after throwing an instance of 'std::runtime_error'"],
  ['fatal', 'Fatal Python error: Segmentation fault'],
  ['fatal', 'Unhandled exception. System.InvalidOperationException: no such order'],
  ['fatal', 'Unhandled Exception: System.InvalidOperationException: no such order'],
  ['fatal', 'Unhandled exception:'],
  ['error', 'Unhandled Rejection at: Promise { <rejected> }'],
  ['error', 'Uncaught TypeError: x is not a function'],
  ['error', 'Uncaught Error: no such order'],
  ['error', 'Uncaught (in promise) Error: no such order'],
  ['error', 'Uncaught Exception: no such order'],
  ['error', 'Uncaught Shop\\OrderException: no such order'],
  ['fatal', '[UnhandledPromiseRejection: This error originated either by throwing inside of an async function'],
  ['fatal', 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'],
  ['warn', '(node:1) [DEP0005] DeprecationWarning: Buffer() is deprecated'],
  ['fatal', 'PHP Fatal error:  Uncaught Exception: x in /srv/a.php:1'],
  ['fatal', 'NOTICE: PHP message: PHP Fatal error:  Uncaught Exception: x in /srv/a.php:1'],
  ['fatal', 'Fatal error: Uncaught Exception: x in /srv/a.php:1'],
  ['fatal', 'PHP Fatal error: Uncaught Exception: x in /srv/a.php:1'],
  ['error', 'PHP Parse error:  syntax error in /srv/a.php on line 1'],
  ['error', "/srv/app/orders.rb:3:in 'Orders#pack': undefined method 'weigh' for nil (NoMethodError)"],
  ['error', "orders.rb:3:in `pack': no such order (Shop::OrderError)"],
  ['error', '** (KeyError) key :order not found'],
  ['error', '** (Ecto.NoResultsError) no such order'],
  ['error', '10:02:11 AM [vite] Internal server error: Failed to resolve import "./orders"'],
  ['error', '[vite] Internal server error: Failed to resolve import "./orders"'],
  [
    'error',
    '\x1b[2m10:02:11 AM\x1b[22m \x1b[31m\x1b[1m[vite]\x1b[22m\x1b[39m \x1b[31mInternal server error: x\x1b[39m',
  ],
  ['error', '10:02:11 AM [vite] (client) Pre-transform error: x'],
  ['fatal', 'exec /docker-entrypoint.sh: exec format error'],
  ['error', 'src/main.c:3:5: error: expected expression'],
  ['error', 'src/main.c:1:10: fatal error: orders.h: No such file or directory'],
  ['warn', 'src/main.c:3:5: warning: unused variable'],
  ['error', 'src/orders.ts(3,5): error TS2322: no'],
  ['error', 'src/orders.ts:3:5 - error TS2322: no'],
  ['warn', 'Orders.cs(3,5): warning CS0168: unused'],
  ['warn', '/srv/orders.py:3: DeprecationWarning: old'],
]

/** Levels behind what only a terminal reads, and words that are one thing to one program and another to the next. */
const ESCAPED: [Expected, string][] = [
  ['info', '\x1b[?1h\x1b=info: x'],
  ['error', '\x1b[2K{"level":"error"}'],
  ['error', '\x1b[1A\x1b[2K ERROR x'],
  ['error', '\x1b]0;t\x07ERROR x'],
  ['error', '\x1b]0;t\x07 ERROR x'],
  ['error', '\x1b]8;;https://shop.example\x1b\\ERROR\x1b]8;;\x1b\\ x'],
  ['error', '\x1b]8;;https://shop.example\x07ERROR\x1b]8;;\x07 x'],
  ['error', '\x1b(B\x1b[mERROR x'],
  ['error', '\x9b31mERROR\x9b0m x'],
  ['warn', '\x9d0;t\x9cWARN x'],
  ['warn', '\x1bPq\x1b\\[warn] x'],
  ['warn', '{"level":"\\u001b[33mwarn\\u001b[39m","message":"x"}'],
  ['warn', '{"level":"\\u009b33mwarn\\u009b39m","message":"x"}'],
  ['debug', 'DBG reply error=timeout'],
  ['info', '[10:02:11][C][wifi:123]: Local MAC'],
  ['error', '[10:02:11][E][wifi:123]: lost'],
  ['trace', '[10:02:11.123][VV][sensor:94]: x'],
  ['fatal', '[C 2026-11-22 10:02:11.123 ServerApp] x'],
  ['error', '[11/22/2026] [10:02:11 AM] [SSL      ] › ✖  error     Renew failed'],
  ['error', '[SSL      ] › ✖  error     Renew failed'],
  ['error', '› ✖  error     Renew failed'],
  ['info', '[11/22/2026] [10:02:11 AM] [SSL      ] › ℹ  info      Renewing'],
  [undefined, '[11/22/2026] [10:02:11 AM] [Setup    ] › ▶  start     Renewing'],
  ['warn', '{"severityText":"WARN2","body":"x"}'],
  ['error', '{"severityNumber":17,"body":"x"}'],
  ['error', '{"SeverityNumber":20}'],
  ['fatal', '{"body":"x","severityNumber":21}'],
  ['trace', '{"severityNumber":4,"body":"x"}'],
  [undefined, '{"severityNumber":0,"body":"x"}'],
  [undefined, '{"severityNumber":25,"body":"x"}'],
  ['warn', 'v2 WARN hello'],
  ['error', '{"reqId":"a","level":3,"time":"2026-11-22T10:02:11+00:00","message":"x"}'],
  ['error', '{"version":"1.1","host":"a","short_message":"x","level":3}'],
]

/** Common forms of a level's word, and of the time before it. */
const COMMON: [Expected, string][] = [
  ['info', '081109 203615 148 INFO dfs.DataNode: x'],
  ['info', '17/06/09 20:10:40 INFO executor.Executor: x'],
  ['debug', '03-17 16:13:38.811  1702  2395 D Tag: x'],
  ['error', '03-17 16:13:38.811  1702  2395 E Tag: x'],
  ['info', 'nova-api.log.1.2017-05-16_13:53:08 2017-05-16 00:00:00.008 25746 INFO nova.osapi [req-1 - - -] x'],
  ['warn', 'web-1 2026-11-22 10:02:11 WARN x'],
  ['warn', 'db 2026-11-22T10:02:11Z WARN x'],
  ['warn', 'db  | 10:02:11 WARN x'],
  ['info', '1117838570 2005.06.03 R02-M1 2005-06-03-15.42.50.363779 R02-M1 RAS KERNEL INFO x'],
  ['info', '- 1117838570 2005.06.03 R02-M1 2005-06-03-15.42.50.363779 R02-M1 RAS KERNEL INFO x'],
  ['fatal', 'APPREAD 1117869872 2005.06.04 R23-M0 2005-06-04-00.24.32.432192 R23-M0 RAS APP FATAL ciod: x'],
  ['info', '1117838570 2005.06.03 ... KERNEL INFO x'],
  ['debug', '..., 22:00:08,059: DEBUG/MainProcess x'],
  ['debug', 'Sunday, 22:00:08,059: DEBUG/MainProcess x'],
  ['debug', 'Nov 22, 2026 10:02:11.123 [12] DEBUG - x'],
  ['debug', 'DBG text'],
  ['debug', 'debug text'],
  ['info', 'inf text'],
  ['info', 'info Visit https://shop.example for x'],
  ['error', 'error Command failed with exit code 1.'],
  ['error', '123 ERROR text'],
  ['info', '[I] text'],
  ['warn', '[W] text'],
  ['error', 'LL="ERROR"'],
  ['error', 'LL="ERROR" msg=x'],
  ['error', 'ts=2026-11-22T10:02:11Z LL="ERROR" msg=x'],
  ['info', 'tag:info  2026-11-22 10:02:11: x'],
  ['info', 'tag:info  2026-11-22'],
  ['info', 'app INFO| text'],
  ['info', 'Information: text'],
  ['info', '2026-11-22 10:02:11 Information text'],
  ['warn', '2026-11-22 10:02:11 WARNING text'],
  ['info', 'level=INFO+2 msg=x'],
  ['trace', 'V (1234) wifi: x'],
  ['info', '2026-11-22 10:02:11.123456: I tensorflow/core/platform/cpu.cc:151] x'],
  ['info', '2026-11-22T10:02:11.123+0000 I  NETWORK  [conn12] ERROR: quoted'],
  ['info', '[10:02:11] [Server thread/INFO]: ERROR: quoted'],
  ['error', '[2026-11-22 10:02:11.123] err announcer-http.cc:12: x'],
  ['fatal', 'Nov 22 10:02:11 mail postfix/master[12]: fatal: x'],
  ['error', 'Nov 22 10:02:11 combo sshd[12]: error: x'],
  ['info', '2026/11/22 10:02:11 ...eb/routing/logger.go:12:func1() [I] x'],
  ['warn', 'W/ActivityManager( 1234): x'],
  ['info', 'INFO GET /orders'],
  ['info', 'INFO ESPHome 2026.1.0'],
  ['debug', '22-Nov-2026 10:02:11.123 FINE [main] x'],
  ['trace', '[Nest] 1  - 11/22/2026, 10:02:11 AM VERBOSE [Orders] x'],
  ['debug', 'verbose: winston'],
]

const LINES_WITHOUT: string[] = [
  '',
  ' ',
  'no errors found',
  'No ERROR found',
  '2026-11-22 10:02:11 no ERROR found',
  '2026-11-22 10:02:11 Error handling is described below',
  '2026-11-22 10:02:11 error rate is 0',
  '0 errors, 0 warnings',
  '404 ERROR pages were served',
  'Error handling is done in the next release',
  'Warning signs are sold out',
  'ERROR HANDLING GUIDE',
  'DEBUG MODE ENABLED',
  'INFORMATION_SCHEMA',
  'INFORMATION_SCHEMA.TABLES has 12 rows',
  'ERROR_CODE=5',
  'ERRORS: 0',
  'error: 0',
  'error: null',
  'ERROR: none',
  'debug: false',
  'DEBUG: True',
  'trace: 4bf92f3577b34da6a3ce929d0e0e4736',
  'level: error',
  'Log level: DEBUG',
  'GET /error 200',
  'TRACE /error HTTP/1.1',
  '2026-11-22 10:02:11 TRACE /error HTTP/1.1',
  '203.0.113.9 - - [22/Nov/2026:10:02:11 +0000] "GET /error HTTP/1.1" 200 12 "-" "Mozilla/5.0 (ERROR: x)"',
  '10.20.30.40 - - [22/Nov/2026:10:02:11 +0000] "GET /?level=error HTTP/1.1" 200 12',
  '2001:db8::1 - - [22/Nov/2026:10:02:11 +0000] "GET /ERROR: HTTP/1.1" 200 12',
  '[GIN] 2026/11/22 - 10:02:11 | 200 |  1.2ms | 203.0.113.9 | GET "/error"',
  'http://shop.example/ERROR: gone',
  '<error>no</error>',
  '<999>not a priority',
  '[error](https://shop.example/error)',
  '[error-handler] started',
  '[error_handler] started',
  '[Error handling] chapter 4',
  'codes[error] = 5',
  'errors.go:12: done',
  'a|ERROR|b',
  '| ERROR | 12 |',
  'TypeError: Cannot read properties of undefined',
  '    at Object.error (/srv/error.js:12:3)',
  '  File "/srv/error.py", line 3, in error',
  '\tat com.example.Error.info(Error.java:12)',
  'Caused by: java.lang.IllegalStateException: ERROR',
  '  error: indented, as in a dump of settings',
  'I am not klog',
  'E1122 is an order',
  'INFO',
  'ERROR',
  'info desk is open',
  'debug mode is on',
  'debug symbols loaded',
  'debug this function to see why',
  '10:02:11 Fine  day',
  '10:02:11 fine - thanks',
  '10:02:11 ERROR/WARN counts: 0',
  'TRACE ID: 4bf92f35',
  'ERROR COUNT: 0',
  'DEBUG PORT is 5005',
  '12 WARN and 3 ERROR',
  'I/O: 12 MB/s',
  'Uncaught Exception Handler registered',
  '** (Note) see below',
  '[vite] no error found',
  '✖ error rates are up',
  'orders:info 12-05',
  'verbose output of the build',
  "    inf = float('inf')",
  "INF = float('inf')",
  'debug: true',
  'trace of an order',
  'warn the users',
  'fatal flaws',
  'Information about orders',
  '2026-11-22 10:02:11 Information about orders',
  'Information desk',
  '12 ERROR lines',
  'built-in DEBUG mode',
  'codes ERROR and WARN',
  'at 10:02 ERROR was seen',
  '10:02:11 I am here',
  '10:02:11 err on the safe side',
  '[10:02:11] [a and/or b] x',
  '[C] text',
  '[x] text',
  '[I](https://shop.example)',
  'a|INFO| b',
  'I (we) agree',
  'W/o levels: x',
  'TypeError: x',
  'java.lang.IllegalStateException: no such order',
  'Caused by: java.io.IOException',
  'Traceback is on',
  'Exception in thread handling',
  'Exception in the rule',
  'panic button pressed',
  "thread 'main' never panicked",
  'thread main panicked at noon',
  'Segmentation faults are rare',
  'Segmentation fault rate: 0',
  'Aborted',
  'terminate called twice',
  'Unhandled exceptions: 0',
  'Unhandled exception handler set',
  'Uncaught errors are reported',
  'Uncaught ErrorHandler of the page',
  'Uncaught Error handling is off',
  '*** (done) ***',
  '** (see below) **',
  '[vite] hmr update /src/error.ts',
  '10:02:11 AM [vite] page reload src/error.ts',
  "\tfrom /srv/app/orders.rb:3:in 'pack'",
  'exec /bin/sh',
  'goroutine 1 [running]:',
  '    at Object.<anonymous> (/srv/error.js:1:1)',
  '2026-11-22 10:02:11.123 UTC [42] STATEMENT:  SELECT * FROM lamp',
  '2026-11-22 10:02:11.123 UTC [42] DETAIL:  ERROR: quoted',
  '[Sun Nov 22 10:02:11 2026] lamp error: quoted',
]

/** `message` with a sequence before its character `at`, between the sequences that it holds. */
function plainAt(message: string, at: number, sequence: string): string {
  let left = at
  let place = 0
  for (const [start, end] of [...sequencesIn(message), [message.length, message.length] as const]) {
    if (start - place >= left) break
    left -= start - place
    place = end
  }
  const before = Math.min(place + left, message.length)
  return message.slice(0, before) + sequence + message.slice(before)
}

describe('the level a line names', () => {
  it.each([...JSON_LINES, ...LOGFMT_LINES, ...TEXT_LINES, ...CRASHES, ...ESCAPED, ...COMMON])(
    'is %s in %j',
    (level, line) => {
      expect(detectLevel(line)).toBe(level)
    },
  )

  it.each(LINES_WITHOUT)('is not guessed in %j', (line) => {
    expect(detectLevel(line)).toBe(undefined)
  })

  it('is found behind a message of some kilobytes in JSON, and not looked for further back', () => {
    expect(detectLevel(`{"message":"${'x'.repeat(6000)}","level":"warn"}`)).toBe('warn')
    expect(detectLevel(`{"message":"${'x'.repeat(9000)}","level":"warn"}`)).toBe(undefined)
  })

  it('is not taken from a word that the bound cuts in two', () => {
    const head = `a=${'x'.repeat(499)} level=`
    for (const tail of ['errors', 'errands', 'errorless']) expect(detectLevel(`${head}${tail} more`)).toBe(undefined)
  })
})

describe('any line at all', () => {
  const words = [
    ...[
      ' ',
      '  ',
      '\t',
      '[',
      ']',
      '(',
      ')',
      '{',
      '}',
      '"',
      '\\"',
      '\\',
      ':',
      '|',
      ' - ',
      '=',
      ',',
      '<',
      '>',
      '\x1b[31m',
    ],
    ...[
      'INFO',
      'error',
      'Warning',
      'ERR',
      'level',
      'level=',
      '"level":',
      '{"',
      '"log":{',
      'lvl',
      'I1122',
      '30',
      '"time":',
    ],
    ...[
      '2026-11-22',
      '10:02:11',
      '2026-11-22T10:02:11.123Z',
      'Nov',
      '1:M',
      '203.0.113.9',
      'name',
      'a.b',
      '\u{1f4a1}',
      '\0',
    ],
  ]
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...words), { maxLength: 60 }).map((parts) => parts.join('')),
    fc.json(),
  )

  it('gives one of the levels or none, and never throws', () => {
    const known = [undefined, 'trace', 'debug', 'info', 'warn', 'error', 'fatal']
    fc.assert(
      fc.property(line, (text) => known.includes(detectLevel(text))),
      { numRuns: 3000 },
    )
  })

  it('has the level of its text without escape sequences, wherever they stand', () => {
    const sequence = fc.constantFrom(
      '\x1b[31m',
      '\x1b[2K',
      '\x1b]0;a b\x07',
      '\x1b]8;;x\x1b\\',
      '\x1b(B',
      '\x1b=',
      '\x9b1m',
      '\x9d0;[error]\x9c',
    )
    fc.assert(
      fc.property(line, fc.array(fc.tuple(fc.nat(80), sequence), { maxLength: 4 }), (text, insertions) => {
        const plain = plainText(text).replaceAll(/[\x1b\x90-\x9f]/g, '')
        let message = plain
        for (const [at, inserted] of insertions) message = plainAt(message, at, inserted)
        expect(detectLevel(message)).toBe(detectLevel(plain))
      }),
      { numRuns: 2000 },
    )
  })

  it('is judged by its first 512 characters where it is text', () => {
    fc.assert(
      fc.property(line, fc.string(), (raw, tail) => {
        const text = plainText(raw).replaceAll(/[\x1b\x90-\x9f]/g, '')
        fc.pre(text !== '' && !text.startsWith('{'))
        const long = text.padEnd(513, text)
        return detectLevel(long) === detectLevel(long + tail)
      }),
      { numRuns: 1000 },
    )
  })

  it('is judged by its first 8192 characters where it is JSON', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { minLength: 1 }), fc.string(), (parts, tail) => {
        const unit = parts.join('')
        const long = `{"a":"${unit.repeat(Math.ceil(8192 / unit.length))}`
        return detectLevel(long) === detectLevel(long + tail)
      }),
      { numRuns: 300 },
    )
  })

  it('costs no more than its length, however hostile', () => {
    const characters = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code))
    const openings = [
      '{"',
      '{"a":',
      '{"log":{',
      '{"a":"\\',
      '{"level":{',
      '{"level":30,',
      '\\"',
      '[a]',
      'a=',
      'a="',
      'a="\\" ',
      '- ',
      'é',
      '🙂',
    ]
    const words = [
      'Nov ',
      'Sunday ',
      '2026-11-22',
      'ERROR',
      'ERROR ',
      'a.b ',
      '1 ',
      '12:',
      "in '",
      '1:M ',
      ': ',
      'KERNEL ',
    ]
    const timed = ['10:02:11 a.b ', '10:02:11 [a:b] ', '[10:02:11 a:', '10:02 <a>', '10:02:11 › ', '2026-11-22 ']
    const sequences = ['\x1b[', '\x1b[1;', '\x1b]', '\x1b]0;', '\x9b1', '\x1b[31m']
    // Where a pattern has come so far that it may look on.
    const heads = [
      ...[
        'Uncaught ',
        'Exception in thread "',
        "thread '",
        '** (',
        'npm ',
        '# ',
        '[vite] ',
        '(node:',
        '/srv/a.rb:3:in ',
        "a.rb:3:in '",
      ],
      ...[
        '1117838570 2005.06.03 ',
        'Sun Nov 22 ',
        'W/',
        'I (',
        '<',
        '[10:02:11][E][',
        '{"t":{"$date":"',
        'exec /',
        'a:1: ',
      ],
    ]
    const all = [...characters, ...openings, ...words, ...timed, ...sequences]
    const lines = [
      ...all.map((unit) => unit.repeat(Math.ceil((64 * 1024) / unit.length))),
      ...heads.flatMap((head) =>
        ['a', ' ', '.', '(', "'", '::', 'a.', 'A '].map((unit) => head + unit.repeat(64 * 1024)),
      ),
      // Objects that go on and on, where each key is one to be looked into.
      ...['"level":30,', '"log":{"log":{"log":{},', '"level":"\\u001b[', '"a":"\\"\\"",', '"log":{"level":1},'].map(
        (unit) => `{${unit.repeat(Math.ceil(8192 / unit.length))}`,
      ),
    ]
    const microseconds = (line: string) => {
      let best = Number.POSITIVE_INFINITY
      for (let run = 0; run < 5; run++) {
        const start = process.hrtime.bigint()
        for (let i = 0; i < 4; i++) detectLevel(line)
        best = Math.min(best, Number(process.hrtime.bigint() - start) / 4000)
      }
      return best
    }
    for (const line of lines) detectLevel(line)
    // Far more than the worst takes (some 100 µs), and far below what a quadratic one would.
    for (const line of lines) expect(microseconds(line), encodeURIComponent(line.slice(0, 40))).toBeLessThan(5000)
  })
})
