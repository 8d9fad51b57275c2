/** Programs that the rules were written with: their lines may be looked at when a rule changes. */
import type { Program } from './corpus.ts'

const UPPER = { debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' }
const LOWER = { debug: 'debug', info: 'info', warn: 'warn', error: 'error' }
const PYTHON = { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR', fatal: 'CRITICAL' }

export const WRITTEN_WITH: readonly Program[] = [
  {
    name: 'hdfs',
    words: UPPER,
    formats: [
      '{yy}{mm}{dd} {hhmmss} {pid} {L} dfs.DataNode$PacketResponder: {msg}',
      '{yy}{mm}{dd} {hhmmss} {pid} {L} dfs.FSNamesystem: {msg}',
    ],
  },
  {
    name: 'hadoop',
    words: { ...UPPER, fatal: 'FATAL' },
    formats: [
      '{date} {clock},{ms} {L} [main] org.apache.hadoop.mapreduce.v2.app.MRAppMaster: {msg}',
      '{date} {clock},{ms} {L} [IPC Server handler {pid} on 62270] org.apache.hadoop.mapred.TaskAttemptListenerImpl: {msg}',
    ],
  },
  {
    name: 'bgl',
    words: { info: 'INFO', warn: 'WARNING', error: 'ERROR|SEVERE', fatal: 'FATAL' },
    formats: [
      '- {epoch} {yyyy}.{mm}.{dd} R02-M1-N0-C:J12-U11 {date}-{dots}.{us} R02-M1-N0-C:J12-U11 RAS KERNEL {L} {msg}',
      'APPREAD {epoch} {yyyy}.{mm}.{dd} R23-M0-NE-I:J18-U11 {date}-{dots}.{us} R23-M0-NE-I:J18-U11 RAS APP {L} ciod: {msg}',
      '{epoch} {yyyy}.{mm}.{dd} R23 {date}-{dots}.{us} R23 NULL DISCOVERY {L} {msg}',
    ],
  },
  {
    name: 'hpc',
    lines: [
      ['none', '{n} node-{pid} unix.hw net.niff.up {epoch} 1 NIFF: node node-{pid} has {n} links'],
      ['none', '{n} gige7 gige error {epoch} 1 link errors remain current'],
      ['none', '{n} node-{pid} action error {epoch} 1 bootGenvmunix (command {n}) Error: no reply'],
      ['none', '{n} node-{pid} clusterfilesystem no_server {epoch} 1 ServerFileSystem: An error on server {n}'],
    ],
  },
  {
    name: 'linux syslog',
    lines: [
      ['none', '{mon} {day} {clock} combo sshd(pam_unix)[{n}]: {msg}'],
      ['none', '{mon} {day} {clock} {host} kernel: usb 1-1: {msg}'],
      ['error', '<11>{mon} {day} {clock} {host} app[{pid}]: {msg}'],
      ['info', '<14>1 {iso} {host} app {pid} - - {msg}'],
      ['warn', '<28>{mon} {day} {clock} {host} cron: {msg}'],
      ['debug', '<15>{mon} {day} {clock} {host} cron: {msg}'],
    ],
  },
  {
    name: 'apache',
    words: {
      trace: 'trace1|trace8',
      debug: 'debug',
      info: 'info|notice',
      warn: 'warn',
      error: 'error',
      fatal: 'crit|alert|emerg',
    },
    formats: [
      '[{dow} {mon} {dd} {clock} {yyyy}] [{L}] {msg}',
      '[{dow} {mon} {dd} {clock}.{us} {yyyy}] [mpm_event:{L}] [pid {pid}:tid 1] AH00489: {msg}',
    ],
    lines: [
      ['none', '{ip} - - [{dd}/{mon}/{yyyy}:{clock} +0000] "GET /error HTTP/1.1" 404 {n}'],
      ['none', 'AH00558: httpd: Could not determine the name of {host}'],
    ],
  },
  {
    name: 'healthapp and proxifier',
    lines: [
      ['none', '{yyyy}{mm}{dd}-{clock}:{ms}|Step_LSC|{n}|{msg}'],
      [
        'none',
        '[{mm}.{dd} {clock}] chrome.exe - proxy.example:5070 close, {n} bytes sent, {n} bytes received, lifetime 00:01',
      ],
      ['none', '[{mm}.{dd} {clock}] chrome.exe *64 - proxy.example:5070 error : could not connect - code {n}'],
    ],
  },
  {
    name: 'nginx',
    words: { debug: 'debug', info: 'info|notice', warn: 'warn', error: 'error', fatal: 'crit|alert|emerg' },
    formats: ['{yyyy}/{mm}/{dd} {clock} [{L}] {pid}#{pid}: *{n} {msg}'],
    lines: [
      ['none', '{ip} - - [{dd}/{mon}/{yyyy}:{clock} +0000] "GET /error?level=warn HTTP/1.1" 500 {n} "-" "curl/8" "-"'],
      ['none', '/docker-entrypoint.sh: Configuration complete; ready for start up {n}'],
      ['info', '10-listen-on-ipv6-by-default.sh: info: Getting the checksum of {path}'],
      ['fatal', 'nginx: [emerg] host not found in upstream "{host}" in {path}:{n}'],
    ],
  },
  {
    name: 'postgres',
    words: {
      debug: 'DEBUG|DEBUG1|DEBUG5',
      info: 'LOG|INFO|NOTICE',
      warn: 'WARNING',
      error: 'ERROR',
      fatal: 'FATAL|PANIC',
    },
    formats: [
      '{date} {clock}.{ms} UTC [{pid}] {L}:  {msg}',
      '{date} {clock}.{ms} UTC [{pid}] shop@lamps {L}:  {msg}',
      '{date} {clock} UTC [{pid}-1] {L}:  {msg}',
    ],
    lines: [
      ['none', '{date} {clock}.{ms} UTC [{pid}] STATEMENT:  SELECT {n} FROM error'],
      ['none', '{date} {clock}.{ms} UTC [{pid}] DETAIL:  Key (id)=({n}) already exists.'],
      ['none', '{date} {clock}.{ms} UTC [{pid}] HINT:  Set level=debug {n}'],
      ['none', 'PostgreSQL Database directory appears to contain a database; Skipping initialization {n}'],
    ],
  },
  {
    name: 'mysql',
    words: { info: 'Note', warn: 'Warning', error: 'ERROR' },
    formats: [
      '{date}T{clock}.{us}Z 0 [{L}] [MY-0{n}] [Server] {msg}',
      '{date} {clock} 0 [{L}] mysqld: {msg}',
      '{date} {clock}+00:00 [{L}] [Entrypoint]: {msg}',
    ],
    lines: [['info', '{date}T{clock}.{us}Z 0 [System] [MY-0{n}] [Server] {msg}']],
  },
  {
    name: 'redis',
    words: { debug: '.|-', info: '*', warn: '#' },
    formats: ['{pid}:M {dd} {mon} {yyyy} {clock}.{ms} {L} {msg}', '{pid}:C {dd} {mon} {yyyy} {clock}.{ms} {L} {msg}'],
  },
  {
    name: 'kafka',
    words: { trace: 'TRACE', ...UPPER, fatal: 'FATAL' },
    formats: ['[{date} {clock},{ms}] {L} [KafkaServer id={pid}] {msg} (kafka.server.KafkaServer)'],
    lines: [
      ['none', '\tlog.level = debug {n}'],
      ['none', '===> Launching kafka {n} ...'],
    ],
  },
  {
    name: 'traefik',
    words: { debug: 'debug', info: 'info', warn: 'warning', error: 'error', fatal: 'fatal' },
    formats: ['time="{date}T{clock}Z" level={L} msg="Router {n} up" error="none"'],
    lines: [
      ['info', '{date}T{clock}Z INF {msg} version=3.0.{n}'],
      ['error', '{date}T{clock}Z ERR {msg} error="EOF"'],
      [
        'none',
        '{ip} - - [{dd}/{mon}/{yyyy}:{clock} +0000] "GET /error HTTP/1.1" 502 11 "-" "-" {n} "shop@docker" "http://{ip}:80" 1ms',
      ],
    ],
  },
  {
    name: 'envoy',
    words: { trace: 'trace', debug: 'debug', info: 'info', warn: 'warning', error: 'error', fatal: 'critical' },
    formats: [
      '[{date} {clock}.{ms}][{pid}][{L}][main] [source/server/server.cc:{n}] {msg}',
      '{date}T{clock}.{us}Z\t{L}\tenvoy main external/envoy/source/server/server.cc:{n}\t{msg}\tthread={pid}',
    ],
    lines: [['none', '[{iso}] "GET /error HTTP/1.1" 503 UF 0 91 {n} - "-" "curl" "{uuid}" "{host}" "-"']],
  },
  {
    name: 'grafana',
    words: { debug: 'debug', info: 'info', warn: 'warn', error: 'error', fatal: 'crit' },
    formats: [
      'logger=settings t={date}T{clock}.{ns}Z level={L} msg="Config loaded" file={path}',
      't={date}T{clock}+0000 lvl={L} msg="error pages on" logger=http.server',
    ],
  },
  {
    name: 'loki',
    words: LOWER,
    formats: [
      'level={L} ts={date}T{clock}.{ns}Z caller=main.go:{n} msg="no error"',
      'ts={date}T{clock}.{ns}Z caller=spanlogger.go:{n} user=fake level={L} msg=x',
    ],
  },
  {
    name: 'home assistant',
    words: PYTHON,
    formats: [
      '{date} {clock}.{ms} {L} (MainThread) [homeassistant.core] {msg}',
      '{yy}-{mm}-{dd} {clock} {L} (MainThread) [supervisor.{mod}] {msg}',
    ],
    lines: [
      ['info', '[{clock}] INFO: {msg}'],
      ['warn', '[{clock}] WARNING: {msg}'],
      ['none', 's6-rc-hook {n} done'],
    ],
  },
  {
    name: 'esphome',
    words: { trace: 'V|VV', debug: 'D', info: 'I|C', warn: 'W', error: 'E' },
    formats: [
      '[{clock}][{L}][sensor:{pid}]: {msg}',
      '[{clock}.{ms}][{L}][wifi.manager:{pid}]: {msg}',
      '\x1b[0;36m[{clock}][{L}][api:{pid}]: {msg}\x1b[0m',
    ],
    lines: [
      ['info', 'INFO ESPHome 2026.1.{n}'],
      ['info', 'INFO Reading configuration {path}...'],
      ['warn', 'WARNING Deprecated option {n}'],
    ],
  },
  {
    name: 'esp-idf',
    words: { trace: 'V', debug: 'D', info: 'I', warn: 'W', error: 'E' },
    formats: ['{L} ({n}) wifi: {msg}', '\x1b[0;32m{L} ({n}) cpu_start: {msg}\x1b[0m', '{L} ({clock}.{ms}) main: {msg}'],
    lines: [['none', 'rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT) {n}']],
  },
  {
    name: 'nginx proxy manager',
    lines: [
      ['info', '[{mm}/{dd}/{yyyy}] [{h12}] [SSL      ] › ℹ  info      {msg}'],
      ['error', '[{mm}/{dd}/{yyyy}] [{h12}] [SSL      ] › ✖  error     {msg}'],
      ['warn', '[{mm}/{dd}/{yyyy}] [{h12}] [IP Ranges] › ⚠  warning   {msg}'],
      ['info', '[{mm}/{dd}/{yyyy}] [{h12}] [Nginx    ] › ✔  success   {msg}'],
      ['debug', '[{mm}/{dd}/{yyyy}] [{h12}] [Migrate  ] › ●  debug     {msg}'],
      ['none', '[{mm}/{dd}/{yyyy}] [{h12}] [Setup    ] › ▶  start     {msg}'],
      ['none', '[{mm}/{dd}/{yyyy}] [{h12}] [Setup    ] › …  awaiting  {msg}'],
      ['none', '❯ Configuring npm user {n} ...'],
    ],
  },
  {
    name: 'sonarr',
    words: { trace: 'Trace', debug: 'Debug', info: 'Info', warn: 'Warn', error: 'Error', fatal: 'Fatal' },
    formats: [
      '[{L}] DownloadService: {msg}',
      '{date} {clock}.1|{L}|Bootstrap|{msg}',
      '[v4.0.0.{n}] [{L}] RssSync: {msg}',
    ],
  },
  {
    name: 'nextcloud',
    lines: [
      [
        'debug',
        '{"reqId":"{hex}","level":0,"time":"{date}T{clock}+00:00","remoteAddr":"{ip}","app":"core","method":"GET","message":"x{n}"}',
      ],
      [
        'info',
        '{"reqId":"{hex}","level":1,"time":"{date}T{clock}+00:00","remoteAddr":"{ip}","app":"core","message":"x{n}"}',
      ],
      [
        'warn',
        '{"reqId":"{hex}","level":2,"time":"{date}T{clock}+00:00","remoteAddr":"{ip}","user":"--","app":"PHP","message":"x{n}"}',
      ],
      [
        'error',
        '{"reqId":"{hex}","level":3,"time":"{date}T{clock}+00:00","remoteAddr":"{ip}","app":"index","message":"x{n}"}',
      ],
      [
        'fatal',
        '{"reqId":"{hex}","level":4,"time":"{date}T{clock}+00:00","remoteAddr":"{ip}","app":"index","message":"x{n}"}',
      ],
      ['none', '{"id":"{hex}","level":3,"time":"{date}T{clock}+00:00","player":"ada{n}"}'],
    ],
  },
  {
    name: 'gitlab',
    lines: [
      ['info', '{"severity":"INFO","time":"{iso}","correlation_id":"{hex}","message":"x{n}"}'],
      ['error', '{"severity":"ERROR","time":"{iso}","class":"Error{n}","message":"x"}'],
      ['warn', '{"level":"warning","msg":"slow {n}","time":"{iso}"}'],
      ['info', '{"component": "gitaly","subcomponent":"x","level":"info","msg":"done {n}","ts":"{iso}"}'],
      ['none', '==> /var/log/gitlab/error/{n} <=='],
      ['none', '{date}_{clock}.{us} {msg}'],
      ['info', '{date}_{clock}.{us} LOG:  {msg}'],
      ['info', '{date}_{clock}.{us} time="{date}T{clock}Z" level=info msg="x"'],
    ],
  },
  {
    name: 'spring boot',
    words: { trace: 'TRACE', ...UPPER },
    formats: [
      '{date}T{clock}.{ms}Z {L:-5} 1 --- [shop] [{thread}] {cls} : {msg}',
      '{date} {clock}.{ms} {L:-5} 1 --- [           main] c.e.shop.ShopApplication                 : {msg}',
      '\x1b[2m{date}T{clock}.{ms}Z\x1b[0;39m \x1b[32m{L:-5}\x1b[0;39m \x1b[35m1\x1b[0;39m \x1b[2m---\x1b[0;39m {msg}',
    ],
    lines: [
      ['none', ' :: Spring Boot ::                (v3.2.{n})'],
      ['none', 'java.lang.IllegalStateException: order {n}'],
      ['none', '\tat com.example.Shop.error(Shop.java:{n})'],
    ],
  },
  {
    name: 'log4j',
    words: { trace: 'TRACE', ...UPPER, fatal: 'FATAL' },
    formats: [
      '{clock}.{ms} [{thread}] {L:5} {cls} - {msg}',
      '{pid}    [{thread}] {L:5} {cls}  - {msg}',
      '[{L:5}] {date} {clock}.{ms} [{thread}] Shop - {msg}',
      '{dd} {mon} {yyyy} {clock},{ms} {L:5} [{thread}] {msg}',
    ],
  },
  {
    name: 'tomcat',
    words: { info: 'INFO', warn: 'WARNING', error: 'SEVERE', debug: 'FINE', trace: 'FINEST' },
    formats: [
      '{dd}-{mon}-{yyyy} {clock}.{ms} {L} [main] org.apache.catalina.startup.VersionLoggerListener.log {msg}',
      '{L}: {msg}',
    ],
    lines: [['none', '{mon} {dd}, {yyyy} {h12} org.apache.catalina.core.StandardService startInternal']],
  },
  {
    name: 'python logging',
    words: PYTHON,
    formats: [
      '{L}:root:{msg}',
      '{date} {clock},{ms} - shop.orders - {L} - {msg}',
      '{date} {clock},{ms} {L:8} shop.orders:{n} {msg}',
      '{date} {clock},{ms} {L} {msg}',
      '[{L}] {msg}',
      '{pid} {L} {msg}',
      '{dow} {mon} {dd}, {clock},{ms}: {L}/MainProcess {msg}',
      '{L} {date} {clock},{ms} views {pid} {n} {msg}',
    ],
    lines: [
      ['error', 'Traceback (most recent call last):'],
      ['none', '  File "/srv/error.py", line {n}, in <module>'],
      ['none', 'ValueError: error {n}'],
      ['none', 'During handling of the above exception, another exception occurred:'],
    ],
  },
  {
    name: 'gunicorn',
    words: { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR', fatal: 'CRITICAL' },
    formats: ['[{date} {clock} +0000] [{pid}] [{L}] {msg}'],
    lines: [['none', '{ip} - - [{dd}/{mon}/{yyyy}:{clock} +0000] "GET /warn HTTP/1.1" 200 {n} "-" "curl"']],
  },
  {
    name: 'django',
    words: PYTHON,
    formats: ['{L} {date} {clock},{ms} basehttp {pid} {n} {msg}', '{L}:django.request:{msg}'],
    lines: [
      ['none', 'Watching for file changes with StatReloader {n}'],
      ['none', '[{dd}/{mon}/{yyyy} {clock}] "GET /error/ HTTP/1.1" 500 {n}'],
      ['none', 'System check identified no issues ({n} silenced).'],
      ['none', 'Operations to perform {n}:'],
      ['none', '  Applying errors.{n}_initial... OK'],
    ],
  },
  {
    name: 'structlog',
    words: { debug: 'debug', info: 'info', warn: 'warning', error: 'error', fatal: 'critical' },
    formats: [
      '{date} {clock} [{L:9}] order packed                   order={n}',
      '{date}T{clock}.{us}Z [{L:8}] no error [shop.orders] n={n}',
      '{"event": "order packed", "n": {n}, "level": "{L}", "timestamp": "{iso}"}',
    ],
  },
  {
    name: 'rails',
    lines: [
      ['debug', 'D, [{date}T{clock}.{us} #{pid}] DEBUG -- : {msg}'],
      ['info', 'I, [{date}T{clock}.{us} #{pid}]  INFO -- : {msg}'],
      ['warn', 'W, [{date}T{clock}.{us} #{pid}]  WARN -- : {msg}'],
      ['error', 'E, [{date}T{clock}.{us} #{pid}] ERROR -- : {msg}'],
      ['none', 'Started GET "/errors" for {ip} at {date} {clock} +0000'],
      ['none', 'Completed 500 Internal Server Error in {n}ms (ActiveRecord: 0.0ms)'],
      ['none', '=> Booting Puma {n}'],
      ['error', "{path}:{n}:in 'block in <main>': undefined method 'pack' for nil (NoMethodError)"],
      ['error', "/srv/app/orders.rb:{n}:in `pack': order is gone (Shop::OrderError)"],
      ['none', "\tfrom /srv/app/orders.rb:{n}:in 'error'"],
    ],
  },
  {
    name: 'laravel',
    words: { debug: 'DEBUG', info: 'INFO|NOTICE', warn: 'WARNING', error: 'ERROR', fatal: 'CRITICAL|ALERT|EMERGENCY' },
    formats: ['[{date} {clock}] production.{L}: {msg} {"userId":{n}}', '[{date} {clock}] local.{L}: {msg}'],
    lines: [
      ['none', '#{n} /srv/vendor/laravel/error.php({n}): handle()'],
      ['none', '  {date} {clock} /errors .... ~ {n}s'],
      ['info', '   INFO  Server running on [http://0.0.0.0:{n}].'],
    ],
  },
  {
    name: 'php',
    lines: [
      ['fatal', 'PHP Fatal error:  Uncaught Exception: order {n} in /srv/a.php:1'],
      ['error', 'PHP Parse error:  syntax error, unexpected token in /srv/a.php on line {n}'],
      ['warn', 'PHP Warning:  Undefined variable $order in /srv/a.php on line {n}'],
      ['info', 'PHP Notice:  Undefined index {n} in /srv/a.php'],
      ['warn', 'PHP Deprecated:  strlen() in /srv/a.php on line {n}'],
      ['fatal', 'NOTICE: PHP message: PHP Fatal error:  Uncaught Error: order {n}'],
      ['warn', 'NOTICE: PHP message: PHP Warning:  order {n}'],
      ['info', '[{dd}-{mon}-{yyyy} {clock}] NOTICE: ready to handle connections {n}'],
      ['warn', '[{dd}-{mon}-{yyyy} {clock}] WARNING: [pool www] server reached pm.max_children setting ({n})'],
      ['error', '[{dd}-{mon}-{yyyy} {clock}] ERROR: unable to bind {n}'],
      ['none', '{ip} -  {dd}/{mon}/{yyyy}:{clock} +0000 "GET /error.php" {n}'],
    ],
  },
  {
    name: 'serilog',
    words: { trace: 'VRB', debug: 'DBG', info: 'INF', warn: 'WRN', error: 'ERR', fatal: 'FTL' },
    formats: [
      '[{clock} {L}] {msg}',
      '{date} {clock}.{ms} +00:00 [{L}] {msg}',
      '{date} {clock} [{L}] Shop.Orders: {msg}',
    ],
    lines: [
      ['warn', '{"@t":"{iso}","@mt":"late {N}","@l":"Warning","N":{n}}'],
      ['error', '{"@t":"{iso}","@mt":"gone","@l":"Error","@x":"System.Exception","N":{n}}'],
      ['info', '{"Timestamp":"{iso}","Level":"Information","MessageTemplate":"x","N":{n}}'],
      ['info', '{date} {clock} Information {msg}'],
      ['info', 'Information: {n} orders'],
    ],
  },
  {
    name: 'zap',
    words: { debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR', fatal: 'FATAL|PANIC|DPANIC' },
    formats: [
      '{date}T{clock}.{ms}Z\t{L}\tcontroller/controller.go:{n}\t{msg}\t{"error": "none"}',
      '{date}T{clock}.{ms}+0000\t{L}\tsetup\t{msg}',
      '{L}\tshop/main.go:{n}\t{msg}',
    ],
    lines: [
      ['info', '{"level":"info","ts":{epoch}.{us},"caller":"main.go:{n}","msg":"x"}'],
      ['error', '{"L":"ERROR","T":"{iso}","M":"gone {n}"}'],
      ['error', '{epoch}.{us}\terror\tmain.go:{n}\t{msg}'],
    ],
  },
  {
    name: 'slog',
    words: UPPER,
    formats: [
      'time={iso} level={L} msg="order {n}" err="no error"',
      '{yyyy}/{mm}/{dd} {clock} {L} {msg}',
      '{"time":"{iso}","level":"{L}","msg":"x","n":{n}}',
    ],
    lines: [
      ['error', 'ts={iso} LL="ERROR" msg="order {n}"'],
      ['info', 'time={iso} level=INFO+2 msg="order {n}"'],
    ],
  },
  {
    name: 'klog',
    words: { info: 'I', warn: 'W', error: 'E', fatal: 'F' },
    formats: [
      '{L}{mm}{dd} {clock}.{us}       1 controller.go:{n}] "Synced" error="none"',
      '{L}{mm}{dd} {clock}.{us}   {n} reflector.go:{n}] {msg}',
    ],
  },
  {
    name: 'tracing',
    words: { trace: 'TRACE', ...UPPER },
    formats: [
      '{date}T{clock}.{us}Z {L:-5} shop::orders: {msg} order={n}',
      '\x1b[2m{date}T{clock}.{us}Z\x1b[0m \x1b[31m{L:-5}\x1b[0m \x1b[1mrequest\x1b[0m\x1b[1m{\x1b[0m\x1b[3mid\x1b[0m\x1b[2m=\x1b[0m{n}\x1b[1m}\x1b[0m: shop: {msg}',
    ],
    lines: [
      ['info', '{"timestamp":"{iso}","level":"INFO","fields":{"message":"x","level":"x"},"target":"shop{n}"}'],
      ['fatal', "thread 'main' panicked at src/main.rs:{n}:5:"],
      ['fatal', "thread 'main' ({n}) panicked at src/main.rs:2:5:"],
    ],
  },
  {
    name: 'winston',
    words: { trace: 'silly', debug: 'debug|verbose', info: 'info', warn: 'warn', error: 'error' },
    formats: [
      '{L}: {msg}',
      '{"level":"{L}","message":"x {n}","service":"shop"}',
      '{iso} {L}: {msg}',
      '{iso} [{L}]: {msg}',
      '\x1b[32m{L}\x1b[39m: {msg}',
    ],
  },
  {
    name: 'bunyan',
    words: { trace: '10', debug: '20', info: '30', warn: '40', error: '50', fatal: '60' },
    formats: ['{"name":"shop","hostname":"{host}","pid":{pid},"level":{L},"msg":"order {n}","time":"{iso}","v":0}'],
    lines: [
      ['info', '[{iso}]  INFO: shop/{pid} on {host}: {msg}'],
      ['warn', '[{iso}]  WARN: shop/{pid} on {host}: {msg}'],
    ],
  },
  {
    name: 'vite',
    lines: [
      ['error', '{h12} [vite] Internal server error: Failed to resolve import "{path}"'],
      ['error', '{h12} [vite] (client) Pre-transform error: Failed to load url /error{n}.ts'],
      ['none', '{h12} [vite] (client) hmr update /src/error{n}.tsx'],
      ['none', '{h12} [vite] page reload src/error{n}.ts'],
      ['none', '  VITE v5.4.{n}  ready in 312 ms'],
      ['none', '  ➜  Local:   http://localhost:{n}/'],
      ['error', '{h12} [vite] http proxy error: /api/{n}'],
    ],
  },
  {
    name: 'supervisord',
    words: { trace: 'TRAC|BLAT', debug: 'DEBG', info: 'INFO', warn: 'WARN', error: 'ERRO', fatal: 'CRIT' },
    formats: ['{date} {clock},{ms} {L} {msg}', "{date} {clock},{ms} {L} spawned: 'nginx' with pid {n}"],
  },
  {
    name: 'systemd',
    lines: [
      ['none', '{mon} {dd} {clock} {host} systemd[1]: {msg}'],
      ['none', '[  OK  ] Started shop{n}.service.'],
      ['none', '         Starting shop{n}.service...'],
      ['error', '<3>shop: order {n} is gone'],
      ['info', '<6>shop: order {n} is packed'],
      ['none', '[FAILED] Failed to start shop{n}.service.'],
    ],
  },
  {
    name: 'consul',
    words: { trace: 'TRACE', ...UPPER },
    formats: [
      '{date}T{clock}.{ms}Z [{L}]  agent.server.raft: {msg}',
      '    {yyyy}/{mm}/{dd} {clock} [{L}] agent: {msg}',
      '{date}T{clock}.{ms}+0000 [{L}] agent: {msg}: error="none"',
    ],
    lines: [
      ['none', '==> Starting Consul agent {n}...'],
      ['none', '         Log level: error {n}'],
    ],
  },
  {
    name: 'dockerd',
    words: { debug: 'debug', info: 'info', warn: 'warning', error: 'error', fatal: 'fatal' },
    formats: [
      'time="{date}T{clock}.{ns}Z" level={L} msg="order {n}" error="none"',
      '{mon} {dd} {clock} {host} dockerd[{pid}]: time="{date}T{clock}.{ns}Z" level={L} msg="order {n}"',
    ],
    lines: [
      ['none', 'failed to start daemon {n}'],
      ['fatal', 'exec /docker-entrypoint.sh: exec format error'],
    ],
  },
  {
    name: 'yarn and friends',
    lines: [
      ['info', 'info Visit https://shop.example/error for {n}'],
      ['error', 'error Command failed with exit code {n}.'],
      ['warn', 'warning "shop > lamp@1.{n}" has unmet peer dependency'],
      ['info', 'success Saved lockfile {n}.'],
      ['debug', 'debug text {n}'],
      ['debug', 'DBG order={n} error=timeout'],
      ['info', 'inf order {n} done'],
      ['none', 'info desk is open until {n}'],
      ['none', 'debug mode is on, port {n}'],
      ['none', 'debug symbols of {n} files'],
      ['none', 'error rate is {n}'],
      ['none', 'warning signs: {n}'],
      ['none', '404 ERROR pages were served {n} times'],
      ['none', '{n} ERROR lines, {n} WARN lines'],
    ],
  },
  {
    name: 'own formats',
    words: { debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' },
    formats: [
      'app {L}| {msg}',
      'v2 {L} {msg}',
      '{host} {date} {clock} {L} {msg}',
      'orders.log {date} {clock},{ms} {L} {msg}',
      '{host}  | {date}T{clock}Z {L} {msg}',
    ],
    lines: [
      ['info', 'tag:info  {date} {clock}: {msg}'],
      ['info', '[I] {msg}'],
      ['error', '[E] {msg}'],
      ['warn', '[W] {msg}'],
      ['debug', '[D] {msg}'],
      ['none', '[x] {msg}'],
      ['none', '[C] {msg}'],
    ],
  },
  {
    name: 'crashes',
    lines: [
      ['fatal', 'Segmentation fault (core dumped)'],
      ['fatal', 'Segmentation fault'],
      ['fatal', '{path}: line {n}:    {pid} Segmentation fault      (core dumped) ./shop'],
      ['fatal', 'Aborted (core dumped)'],
      ['fatal', 'Unhandled exception. System.NullReferenceException: order {n}'],
      ['fatal', 'Unhandled Exception: System.NullReferenceException: order {n}'],
      ['error', 'Exception in thread "main" java.lang.Error: order {n}'],
      ['error', 'Exception in thread Thread-{n} (pack):'],
      ['error', '  + Exception Group Traceback (most recent call last):'],
      ['fatal', "terminate called after throwing an instance of 'std::runtime_error'"],
      ['fatal', 'Fatal Python error: Segmentation fault'],
      ['error', 'Uncaught Error: order {n}'],
      ['error', 'Uncaught (in promise) TypeError: order {n}'],
      ['error', '** (RuntimeError) order {n}'],
      ['error', 'src/main.c:{n}:3: error: expected expression'],
      ['warn', 'src/main.c:{n}:3: warning: unused variable'],
      ['error', 'src/orders.ts({n},3): error TS2322: no'],
      ['warn', '/srv/orders.py:{n}: DeprecationWarning: old'],
      ['fatal', '*** stack smashing detected ***: terminated'],
      ['none', 'Segmentation faults are rare ({n})'],
      ['none', 'Uncaught errors are sent to {path}'],
      ['none', 'Exception in the rule of {n}'],
      ['none', 'panic button pressed {n} times'],
      ['none', 'Unhandled exceptions: {n}'],
      ['none', 'Traceback is off ({n})'],
      ['none', 'thread {n} panicked a little'],
      ['none', 'terminate called {n} times'],
      ['none', 'RangeError: order {n}'],
    ],
  },
  {
    name: 'openssh',
    lines: [
      ['none', '{mon} {day} {clock} LabSZ sshd[{n}]: {msg}'],
      ['none', 'Accepted publickey for warn from {ip} port {n} ssh2: RSA SHA256:{hex}'],
      ['error', '{mon} {day} {clock} LabSZ sshd[{n}]: error: Received disconnect from {ip}: 3: com.jcraft.jsch: {msg}'],
      [
        'fatal',
        '{mon} {day} {clock} LabSZ sshd[{n}]: fatal: Read from socket failed: Connection reset by peer [preauth] {n}',
      ],
      ['debug', 'debug1: {msg}'],
      ['debug', 'debug3: {msg}'],
    ],
  },
  {
    name: 'mongodb',
    words: { debug: 'D1|D2', info: 'I', warn: 'W', error: 'E', fatal: 'F' },
    formats: [
      '{"t":{"$date":"{iso}"},"s":"{L}",  "c":"NETWORK",  "id":{n},   "ctx":"conn{pid}","msg":"Connection ended","attr":{"error":"none"}}',
      '{iso} {L:2} NETWORK  [conn{pid}] {msg}',
    ],
  },
  {
    name: 'gitea',
    words: { trace: 'T', debug: 'D', info: 'I', warn: 'W', error: 'E', fatal: 'F' },
    formats: [
      '{yyyy}/{mm}/{dd} {clock} ...eb/routing/logger.go:{n}:func1() [{L}] {msg}',
      '{yyyy}/{mm}/{dd} {clock} cmd/web.go:{n}:runWeb() [{L}] [{hex}] {msg}',
    ],
    lines: [['none', 'Server listening on :: port {n}.']],
  },
  {
    name: 'minecraft',
    words: { info: 'INFO', warn: 'WARN', error: 'ERROR', fatal: 'FATAL' },
    formats: [
      '[{clock}] [Server thread/{L}]: {msg}',
      '[{clock} {L}]: {msg}',
      '[{clock}] [Worker-Main-{pid}/{L}]: {msg}',
    ],
    lines: [
      ['none', '[init] Running as uid={n} gid=1000 with error handling'],
      ['none', '[init] Resolving type given {n}'],
    ],
  },
  {
    name: 'tensorflow',
    words: { info: 'I', warn: 'W', error: 'E', fatal: 'F' },
    formats: ['{date} {clock}.{us}: {L} tensorflow/core/platform/cpu_feature_guard.cc:{n}] {msg}'],
  },
  {
    name: 'qbittorrent and transmission',
    lines: [
      ['none', '******** Information ******** {n}'],
      ['none', 'To control qBittorrent, access the WebUI at: http://localhost:{n}'],
      ['info', '[{date} {clock}.{ms}] inf session.cc:{n}: {msg}'],
      ['warn', '[{date} {clock}.{ms}] wrn rpc-server.cc:{n}: {msg}'],
      ['error', '[{date} {clock}.{ms}] err announcer-http.cc:{n}: {msg}'],
      ['none', '[{date} {clock}.{ms}] Saved "{path}" (session.cc:{n})'],
    ],
  },
  {
    name: 'dovecot and postfix',
    lines: [
      ['info', '{mon} {day} {clock} master: Info: Dovecot v2.3.{n} starting up'],
      ['error', '{mon} {day} {clock} imap-login: Error: order {n}'],
      ['warn', '{mon} {day} {clock} auth: Warning: order {n}'],
      ['none', '{mon} {day} {clock} mail postfix/smtpd[{n}]: connect from {host}[{ip}]'],
      ['warn', '{mon} {day} {clock} mail postfix/smtpd[{n}]: warning: hostname {host} does not resolve'],
      ['fatal', '{mon} {day} {clock} mail postfix/master[{n}]: fatal: bind {ip} port 25: Address already in use'],
      ['none', '{date}T{clock}.{us}+00:00 mail postfix/qmgr[{n}]: {hex}: removed'],
    ],
  },
]
