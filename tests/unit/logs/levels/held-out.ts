/**
 * Programs that the rules were not written with: what a level's rules are measured by. Nobody may look at these to write a
 * rule; a program that a rule was written for moves to `written-with.ts`.
 */
import type { Program } from './corpus.ts'

const UPPER = { debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' }
const LOWER = { debug: 'debug', info: 'info', warn: 'warn', error: 'error' }
const PYTHON = { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR', fatal: 'CRITICAL' }

export const HELD_OUT: readonly Program[] = [
  {
    name: 'spark',
    words: UPPER,
    formats: ['{yy}/{mm}/{dd} {clock} {L} BlockManager: {msg}', '{yy}/{mm}/{dd} {clock} {L} executor.Executor: {msg}'],
  },
  {
    name: 'zookeeper',
    words: UPPER,
    formats: [
      '{date} {clock},{ms} - {L:5} [QuorumPeer[myid=1]/0:0:0:0:0:0:0:0:2181:Follower@{n}] - {msg}',
      '{date} {clock},{ms} [myid:{pid}] - {L:5} [main:QuorumPeerMain@{n}] - {msg}',
      '{date} {clock},{ms} [myid:] - {L:5} [NIOWorkerThread-2:o.a.z.s.NIOServerCnxn@{n}] - {msg}',
    ],
  },
  {
    name: 'openstack',
    words: { ...PYTHON, trace: 'TRACE' },
    formats: [
      'nova-api.log.1.{date}_{clock} {date} {clock}.{ms} {n} {L} nova.osapi_compute.wsgi.server [req-{uuid} {hex} - - -] {msg}',
      '{date} {clock}.{ms} {n} {L} keystone.server.flask [-] {msg}',
    ],
  },
  {
    name: 'android',
    words: { trace: 'V', debug: 'D', info: 'I', warn: 'W', error: 'E', fatal: 'F' },
    formats: [
      '{mm}-{dd} {clock}.{ms}  1702  2395 {L} WindowManager: {msg}',
      '{mm}-{dd} {clock}.{ms}   {pid} {n} {L} chatty  : {msg}',
      '{L}/ActivityManager( {pid}): {msg}',
    ],
  },
  {
    name: 'windows-cbs',
    words: { info: 'Info', warn: 'Warning', error: 'Error' },
    formats: [
      '{date} {clock}, {L:21} CBS    {msg}',
      '{date} {clock}, {L:21} CSI    0000000{pid}@{yyyy}/{mm}/{dd} {msg}',
    ],
  },
  {
    name: 'thunderbird',
    lines: [
      ['none', '- {epoch} {yyyy}.{mm}.{dd} dn228 {mon} {day} {clock} dn228/dn228 crond(pam_unix)[{n}]: {msg}'],
      [
        'none',
        '- {epoch} {yyyy}.{mm}.{dd} tbird-admin1 {mon} {day} {clock} local@tbird-admin1 postfix/postdrop[{n}]: {msg}',
      ],
    ],
  },
  {
    name: 'mac',
    lines: [
      ['none', '{mon} {day} {clock} calvisitor-10-105-160-95 kernel[0]: {msg}'],
      ['none', '{mon} {day} {clock} authorMacBook-Pro corecaptured[{n}]: {msg}'],
    ],
  },
  {
    name: 'caddy',
    words: { ...LOWER, fatal: 'fatal|panic' },
    formats: [
      '{"level":"{L}","ts":{epoch}.{us},"logger":"http.log.access","msg":"handled request","status":{n},"error":"none"}',
      '{"level":"{L}","ts":{epoch}.{us},"msg":"using config from file","file":"{path}"}',
    ],
  },
  {
    name: 'caddy console',
    words: { ...UPPER, fatal: 'FATAL' },
    formats: ['{yyyy}/{mm}/{dd} {clock}.{ms}\t{L}\thttp.log.access\t{msg}\t{"status": {n}}'],
  },
  {
    name: 'haproxy',
    words: { info: 'NOTICE', warn: 'WARNING', fatal: 'ALERT' },
    formats: ['[{L}] 326/{hhmmss} ({pid}) : {msg}', '[{L}]   ({pid}) : {msg}'],
    lines: [
      [
        'none',
        '{ip}:{n} [{dd}/{mon}/{yyyy}:{clock}.{ms}] http-in servers/s1 0/0/1/3/4 200 {n} - - ---- 1/1/0/0/0 0/0 "GET /error HTTP/1.1"',
      ],
      ['none', 'Proxy error-pages started.'],
    ],
  },
  {
    name: 'prometheus',
    words: LOWER,
    formats: [
      'ts={iso} caller=main.go:{n} level={L} component=tsdb msg="{mod} ready"',
      'level={L} ts={iso} caller=head.go:{n} component=tsdb msg="replay done" err=null',
    ],
  },
  {
    name: 'prometheus 3',
    words: UPPER,
    formats: ['time={iso} level={L} source=main.go:{n} msg="No error" component=web'],
  },
  {
    name: 'rabbitmq',
    words: { debug: 'debug', info: 'info|notice', warn: 'warning|warn', error: 'error|erro', fatal: 'critical' },
    formats: ['{date} {clock}.{us}+00:00 [{L}] <0.{pid}.0> {msg}', '{date} {clock}.{ms} [{L}] <0.{pid}.0> {msg}'],
    lines: [
      ['info', '=INFO REPORT==== {day}-{mon}-{yyyy}::{clock} ==='],
      ['error', '=ERROR REPORT==== {day}-{mon}-{yyyy}::{clock} ==='],
      ['none', '  ##########  Logs: <stdout> {n}'],
      ['none', '  Starting broker... completed with {n} plugins.'],
    ],
  },
  {
    name: 'elasticsearch',
    words: { trace: 'TRACE', ...UPPER },
    formats: [
      '[{date}T{clock},{ms}][{L:5}][o.e.c.r.a.AllocationService] [node-1] {msg}',
      '{"@timestamp":"{iso}", "log.level":"{L:5}", "message":"no error", "ecs.version": "1.2.0","service.name":"ES_ECS"}',
      '{"type": "server", "timestamp": "{date}T{clock},{ms}Z", "level": "{L}", "component": "o.e.n.Node", "message": "started"}',
    ],
  },
  {
    name: 'zigbee2mqtt',
    words: { debug: 'debug', info: 'info', warn: 'warning|warn', error: 'error' },
    formats: [
      '[{date} {clock}] {L}: \tz2m: {msg}',
      '[{date} {clock}] {L}: \tzh:zstack:znp: {msg}',
      'Zigbee2MQTT:{L}  {date} {clock}: {msg}',
    ],
    lines: [
      ['none', 'Using /app/data/{n} as data directory'],
      ['none', 'Starting Zigbee2MQTT without watchdog {n}.'],
    ],
  },
  {
    name: 'pihole',
    words: { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR', fatal: 'CRIT' },
    formats: ['{date} {clock}.{ms} UTC [{pid}M] {L}: {msg}', '[{date} {clock}.{ms} {pid}/T{n}] {L}: {msg}'],
    lines: [
      ['none', '[{date} {clock}.{ms} {pid}M] {msg}'],
      ['none', '  [i] {msg}'],
      ['none', '  [✓] {msg}'],
      ['none', '{mon} {day} {clock} dnsmasq[{pid}]: query[A] error.shop.example from {ip}'],
    ],
  },
  {
    name: 'jellyfin',
    words: { debug: 'DBG', info: 'INF', warn: 'WRN', error: 'ERR', fatal: 'FTL' },
    formats: ['[{clock}] [{L}] [{pid}] Emby.Server.Implementations.ApplicationHost: {msg}'],
  },
  {
    name: 'plex',
    words: { trace: 'VERBOSE', debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' },
    formats: [
      '{mon} {dd}, {yyyy} {clock}.{ms} [{n}] {L} - {msg}',
      '{mon} {dd}, {yyyy} {clock}.{ms} [0x7f{hex}] {L} - [Req#{hex}] {msg}',
    ],
    lines: [['none', 'Starting Plex Media Server. . . (you can ignore the libusb_init error) {n}']],
  },
  {
    name: 'keycloak',
    words: UPPER,
    formats: [
      '{date} {clock},{ms} {L:5} [org.keycloak.events] ({thread}) {msg}',
      '{date} {clock},{ms} {L:5} [io.quarkus] (main) {msg}',
    ],
    lines: [['none', 'Updating the configuration and installing your custom providers, if any. Please wait. {n}']],
  },
  {
    name: 'logback',
    words: { trace: 'TRACE', ...UPPER },
    formats: [
      '{clock}.{ms} [{thread}] {L:5} {cls} - {msg}',
      '{clock},{ms} |-{L} in ch.qos.logback.classic.LoggerContext[default] - {msg}',
      '{date} {clock}.{ms} {L:-5} [{thread}] {cls} : {msg}',
    ],
  },
  {
    name: 'celery',
    words: PYTHON,
    formats: [
      '[{date} {clock},{ms}: {L}/MainProcess] {msg}',
      '[{date} {clock},{ms}: {L}/ForkPoolWorker-{pid}] shop.tasks.pack[{uuid}]: {msg}',
    ],
    lines: [
      ['none', ' -------------- celery@{host} v5.4.{n} (opalescent)'],
      ['none', '--- ***** ----- {msg}'],
      ['none', '  . shop.tasks.error_report_{n}'],
    ],
  },
  {
    name: 'uvicorn',
    words: PYTHON,
    formats: ['{L}:     {msg}', '{L}:     {ip}:{n} - "GET /errors HTTP/1.1" 200 OK', '\x1b[32m{L}\x1b[0m:     {msg}'],
    lines: [
      ['error', 'Traceback (most recent call last):'],
      ['none', '  File "/srv/app/error.py", line {n}, in info'],
      ['none', '    raise HTTPException(status_code={n})'],
    ],
  },
  {
    name: 'loguru',
    words: { trace: 'TRACE', debug: 'DEBUG', info: 'INFO|SUCCESS', warn: 'WARNING', error: 'ERROR', fatal: 'CRITICAL' },
    formats: [
      '{date} {clock}.{ms} | {L:8} | orders.mail:send:{n} - {msg}',
      '\x1b[32m{date} {clock}.{ms}\x1b[0m | \x1b[1m{L:8}\x1b[0m | \x1b[36m__main__\x1b[0m:\x1b[36m<module>\x1b[0m:\x1b[36m{n}\x1b[0m - \x1b[1m{msg}\x1b[0m',
    ],
  },
  {
    name: 'puma',
    lines: [
      ['none', '[{pid}] * Listening on http://0.0.0.0:{n}'],
      ['none', '[{pid}] - Worker 0 (PID: {n}) booted in 0.{n}s, phase: 0'],
      ['none', '* Puma version: 6.4.{n} (ruby 3.3.0-p0) ("The Eagle of Durango")'],
      ['none', '=== puma startup: {date} {clock} +0000 ==='],
      ['warn', '[{pid}] ! WARNING: Detected {n} Thread(s) started in app boot:'],
    ],
  },
  {
    name: 'sidekiq',
    words: UPPER,
    formats: [
      '{iso} pid={pid} tid={hex} {L}: {msg}',
      '{iso} pid={pid} tid=abc class=PackJob jid={hex} elapsed=0.0{pid} {L}: done',
    ],
  },
  {
    name: 'symfony',
    words: { debug: 'DEBUG', info: 'INFO|NOTICE', warn: 'WARNING', error: 'ERROR', fatal: 'CRITICAL|ALERT|EMERGENCY' },
    formats: [
      '[{date}T{clock}.{us}+00:00] request.{L}: {msg} {"route":"error"} []',
      '{clock} {L:9} [console] {msg} ["code" => {n}]',
    ],
    lines: [
      ['none', ' [OK] Cache for the "prod" environment was cleared. {n}'],
      ['error', ' [ERROR] Could not pack order {n}'],
      ['warn', ' [WARNING] Order {n} is late'],
    ],
  },
  {
    name: 'dotnet console',
    words: { trace: 'trce', debug: 'dbug', info: 'info', warn: 'warn', error: 'fail', fatal: 'crit' },
    formats: [
      '{L}: Microsoft.AspNetCore.Hosting.Diagnostics[{pid}]',
      '{clock} {L}: Shop.Orders[{pid}] {msg}',
      '{iso} {L}: Shop.Orders[0] {msg}',
    ],
    lines: [
      ['none', '      {msg}'],
      ['none', '      Content root path: {path}'],
      ['fatal', 'Unhandled exception. System.InvalidOperationException: order {n} is gone'],
      ['none', '   at Shop.Orders.Error() in /src/Orders.cs:line {n}'],
    ],
  },
  {
    name: 'nlog',
    words: { trace: 'TRACE', ...UPPER, fatal: 'FATAL' },
    formats: [
      '{date} {clock}.{ms}4|{L}|Shop.Orders|{msg}',
      '{date} {clock}.{ms}4|{pid}|{L}|Shop.Orders|{msg}|url: https://shop.example/error',
    ],
  },
  {
    name: 'zerolog console',
    words: { trace: 'TRC', debug: 'DBG', info: 'INF', warn: 'WRN', error: 'ERR', fatal: 'FTL|PNC' },
    formats: [
      '{kitchen} {L} {msg}',
      '\x1b[90m{kitchen}\x1b[0m \x1b[32m{L}\x1b[0m {msg} \x1b[36merror=\x1b[0mnone',
      '{date}T{clock}Z {L} {msg}',
      '{L} {msg}',
    ],
  },
  {
    name: 'zerolog json',
    words: { trace: 'trace', ...LOWER, fatal: 'fatal|panic' },
    formats: [
      '{"level":"{L}","time":{epoch},"message":"no error"}',
      '{"level":"{L}","error":"EOF","time":"{iso}","message":"gone"}',
    ],
  },
  {
    name: 'logrus',
    words: { trace: 'trace', debug: 'debug', info: 'info', warn: 'warning', error: 'error', fatal: 'fatal|panic' },
    formats: ['time="{date}T{clock}Z" level={L} msg="order {n} done" error="<nil>"'],
  },
  {
    name: 'logrus terminal',
    words: { trace: 'TRAC', debug: 'DEBU', info: 'INFO', warn: 'WARN', error: 'ERRO', fatal: 'FATA|PANI' },
    formats: ['\x1b[36m{L}\x1b[0m[000{pid}] {msg}  \x1b[36mlevel\x1b[0m=x', '{L}[000{pid}] {msg}'],
  },
  {
    name: 'glog',
    words: { info: 'I', warn: 'W', error: 'E', fatal: 'F' },
    formats: [
      '{L}{mm}{dd} {clock}.{us}    {pid} server.cc:{n}] {msg}',
      '{L}{yyyy}{mm}{dd} {clock}.{us}    {pid} server.cc:{n}] {msg}',
    ],
    lines: [
      ['none', '*** Check failure stack trace: ***'],
      ['none', '    @     0x7f{hex}  google::LogMessage::Fail()'],
    ],
  },
  {
    name: 'env_logger',
    words: { trace: 'TRACE', ...UPPER },
    formats: [
      '[{date}T{clock}Z {L:5} shop::orders] {msg}',
      '\x1b[90m[\x1b[0m{date}T{clock}Z \x1b[32m{L:5}\x1b[0m shop::orders\x1b[90m]\x1b[0m {msg}',
    ],
    lines: [
      ['error', "thread 'tokio-runtime-worker' panicked at src/orders.rs:{n}:9:"],
      ['none', 'note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace'],
    ],
  },
  {
    name: 'pino',
    words: { trace: '10', debug: '20', info: '30', warn: '40', error: '50', fatal: '60' },
    formats: [
      '{"level":{L},"time":{epochms},"pid":{pid},"hostname":"{host}","msg":"no error"}',
      '{"level":{L},"time":"{iso}","pid":{pid},"hostname":"{host}","req":{"level":"x"},"msg":"done"}',
    ],
  },
  {
    name: 'pino-pretty',
    words: { trace: 'TRACE', ...UPPER, fatal: 'FATAL' },
    formats: ['[{clock}.{ms}] {L} ({pid}): {msg}', '[{clock}.{ms}] \x1b[32m{L}\x1b[39m ({pid}): \x1b[36m{msg}\x1b[39m'],
    lines: [
      ['none', '    error: null'],
      ['none', '    reqId: "{uuid}"'],
    ],
  },
  {
    name: 'npm',
    lines: [
      ['warn', 'npm WARN deprecated inflight@1.0.{n}: {msg}'],
      ['warn', 'npm warn EBADENGINE Unsupported engine {n}'],
      ['error', 'npm ERR! code E{n}'],
      ['error', 'npm error path {path}'],
      ['info', 'npm notice New major version of npm available! 10.2.{n} -> 11.0.0'],
      ['none', '> shop@1.0.{n} start'],
      ['none', 'added {n} packages, and audited {n} packages in 3s'],
      ['none', 'found 0 vulnerabilities in {n} packages'],
    ],
  },
  {
    name: 'next.js',
    lines: [
      ['error', ' ⨯ {msg}'],
      ['error', '⨯ Error: could not load order {n}'],
      ['warn', ' ⚠ {msg}'],
      ['none', ' ✓ Ready in {n}ms'],
      ['none', ' ○ Compiling /error/{n} ...'],
      ['none', '   ▲ Next.js 14.{n}'],
      ['none', ' GET /errors/{n} 200 in 12ms'],
    ],
  },
  {
    name: 's6',
    words: { info: 'info', warn: 'warning', fatal: 'fatal' },
    formats: [
      's6-rc: {L}: service legacy-{pid}: starting',
      's6-supervise: {L}: unable to open {path}',
      's6-overlay-suexec: {L}: {msg}',
    ],
    lines: [
      ['none', '[cont-init.d] 10-adduser: exited {n}.'],
      ['none', '[services.d] starting services {n}'],
    ],
  },
  {
    name: 'vault',
    words: { trace: 'TRACE', ...UPPER },
    formats: ['{iso} [{L}] core: {msg}', '{iso} [{L}]  storage.raft: no error: address={ip}:8201'],
    lines: [
      ['none', '==> Vault server configuration: {n}'],
      ['none', '             Log Level: debug'],
      ['none', '               Storage: raft (error tolerant: {n})'],
    ],
  },
  {
    name: 'etcd',
    words: { ...LOWER, fatal: 'fatal|panic|dpanic' },
    formats: [
      '{"level":"{L}","ts":"{date}T{clock}.{us}Z","caller":"etcdserver/server.go:{n}","msg":"no error","error":"none"}',
      '{date}T{clock}.{ms}Z\t{L}\tetcdmain/etcd.go:{n}\t{msg}',
    ],
    lines: [
      ['info', '{date} {clock}.{us} I | etcdserver: {msg}'],
      ['warn', '{date} {clock}.{us} W | rafthttp: {msg}'],
      ['error', '{date} {clock}.{us} E | etcdmain: {msg}'],
    ],
  },
  {
    name: 'containerd',
    words: { debug: 'debug', info: 'info', warn: 'warning', error: 'error', fatal: 'fatal' },
    formats: [
      'time="{date}T{clock}.{ns}Z" level={L} msg="skip loading plugin" error="no error" type=io.containerd.snapshotter.v1',
    ],
  },
  {
    name: 'otel json',
    lines: [
      [
        'info',
        '{"timestamp":"{iso}","severityText":"INFO","severityNumber":9,"body":"no error","resource":{"service.name":"shop{n}"}}',
      ],
      ['warn', '{"timeUnixNano":"{epochms}000000","severityText":"WARN2","body":{"stringValue":"late {n}"}}'],
      ['error', '{"Timestamp":"{epochms}000000","SeverityText":"ERROR","SeverityNumber":17,"Body":"order {n} lost"}'],
      ['error', '{"body":"order {n} lost","severityNumber":18}'],
      ['debug', '{"severityNumber":5,"body":"debugging {n}"}'],
      ['trace', '{"severityText":"TRACE3","severityNumber":3,"body":"tracing {n}"}'],
      ['fatal', '{"severityNumber":21,"severityText":"FATAL","body":"gone {n}"}'],
      ['none', '{"severityNumber":0,"body":"no severity {n}"}'],
    ],
  },
  {
    name: 'vector',
    words: { trace: 'TRACE', ...UPPER },
    formats: [
      '{date}T{clock}.{us}Z {L:-5} vector::app: {msg}',
      '\x1b[2m{date}T{clock}.{us}Z\x1b[0m \x1b[32m{L:-5}\x1b[0m \x1b[1msource\x1b[0m\x1b[2m:\x1b[0m vector: {msg}',
    ],
  },
  {
    name: 'minio',
    lines: [
      ['none', 'MinIO Object Storage Server {n}'],
      ['none', 'API: http://{ip}:9000  http://127.0.0.1:9000'],
      ['none', 'API: SYSTEM()'],
      ['none', 'Time: {clock} UTC {mm}/{dd}/{yyyy}'],
      ['error', 'Error: unable to read {path} (*fs.PathError) {n}'],
      ['info', 'INFO: Formatting 1st pool, {n} set(s), 1 drives per set.'],
      ['warn', 'WARN: Detected default credentials on {host}'],
      ['fatal', 'FATAL Unable to initialize backend: {msg}'],
    ],
  },
  {
    name: 'nestjs',
    words: { trace: 'VERBOSE', debug: 'DEBUG', info: 'LOG', warn: 'WARN', error: 'ERROR', fatal: 'FATAL' },
    formats: [
      '[Nest] {pid}  - {mm}/{dd}/{yyyy}, {h12} {L:-7} [RouterExplorer] {msg} +{pid}ms',
      '\x1b[32m[Nest] {pid}  - \x1b[39m{mm}/{dd}/{yyyy}, {h12} \x1b[32m{L:-7}\x1b[39m \x1b[38;5;3m[Orders] \x1b[39m\x1b[32m{msg}\x1b[39m',
    ],
  },
  {
    name: 'mosquitto',
    lines: [
      ['none', '{epoch}: mosquitto version 2.0.{n} starting'],
      ['none', '{epoch}: New client connected from {ip}:{n} as error-lamp (p2, c1, k60).'],
      ['error', '{epoch}: Error: Address already in use {n}'],
      ['warn', '{epoch}: Warning: Mosquitto should not be run as root/administrator. {n}'],
      ['none', '{date}T{clock}: Client debug-{n} disconnected.'],
      ['info', '{epoch}: Info: running mosquitto as user: root {n}.'],
      ['error', '{date}T{clock}: Error: Unable to open config file {path} {n}.'],
    ],
  },
  {
    name: 'syncthing',
    words: { debug: 'DEBUG', info: 'INFO', warn: 'WARNING' },
    formats: ['[GS4WQ] {yyyy}/{mm}/{dd} {clock} {L}: {msg}', '[start] {yyyy}/{mm}/{dd} {clock} {L}: {msg}'],
    lines: [
      ['info', '{date} {clock} INF {msg} (log.pkg=main)'],
      ['warn', '{date} {clock} WRN {msg} (log.pkg=main)'],
      ['error', '{date} {clock} ERR {msg} (log.pkg=main)'],
    ],
  },
  {
    name: 'frigate',
    words: PYTHON,
    formats: [
      '[{date} {clock}] frigate.app                    {L:8}: {msg}',
      '{date} {clock}.{ns}  [{date} {clock}] frigate.video                  {L:8}: {msg}',
    ],
    lines: [
      [
        'none',
        '{date} {clock}.{ns}  {ip} - - [{dd}/{mon}/{yyyy}:{clock} +0000] "GET /api/error HTTP/1.1" 200 {n} "-" "curl"',
      ],
      ['info', '{date} {clock}.{ns}  [INFO] Preparing Frigate {n}...'],
    ],
  },
  {
    name: 'vaultwarden',
    words: { debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' },
    formats: [
      '[{date} {clock}.{ms}][request][{L}] GET /api/error',
      '[{date} {clock}.{ms}][vaultwarden::api::identity][{L}] {msg}',
    ],
    lines: [
      ['none', '|                        Starting Vaultwarden {n}             |'],
      ['none', '/--------------------------------------------------------------------\\'],
    ],
  },
  {
    name: 'n8n',
    lines: [
      ['none', 'Initializing n8n process {n}'],
      ['none', 'n8n ready on 0.0.0.0, port {n}'],
      ['info', '{iso} | info     | {msg} {"file":"start.js","function":"run"}'],
      ['error', '{iso} | error    | {msg} {"file":"start.js"}'],
      ['warn', '{iso} | warn     | {msg}'],
      ['debug', '{iso} | debug    | {msg}'],
      ['error', 'Error: order {n} not found'],
      ['none', '    at Object.error (/usr/lib/n8n/dist/index.js:{n}:9)'],
    ],
  },
  {
    name: 'unifi',
    words: UPPER,
    formats: [
      '[{date}T{clock},{ms}] <inform-{pid}> {L:5} inform - {msg}',
      '[{date}T{clock},{ms}] <launcher> {L:5} system - {msg}',
    ],
  },
  {
    name: 'jenkins',
    words: { info: 'INFO', warn: 'WARNING', error: 'SEVERE', debug: 'FINE' },
    formats: ['{date} {clock}.{ms}+0000 [id={pid}]\t{L}\th.m.DownloadService$Downloadable#load: {msg}'],
    lines: [
      ['none', '{mon} {dd}, {yyyy} {h12} hudson.model.AsyncPeriodicWork doRun'],
      ['info', 'INFO: {msg}'],
      ['error', 'SEVERE: {msg}'],
      ['none', 'Running from: {path}'],
    ],
  },
  {
    name: 'cassandra',
    words: { trace: 'TRACE', ...UPPER },
    formats: [
      '{L:-5}  [{thread}] {date} {clock},{ms} StorageService.java:{n} - {msg}',
      '{L:5} [main] {clock},{ms} {msg}',
    ],
  },
  {
    name: 'cockroachdb',
    words: { info: 'I', warn: 'W', error: 'E', fatal: 'F' },
    formats: ['{L}{yy}{mm}{dd} {clock}.{us} {pid} 1@server/server.go:{n} ⋮ [T1,n1] {n}  {msg}'],
  },
  {
    name: 'clickhouse',
    words: {
      trace: 'Trace',
      debug: 'Debug',
      info: 'Information|Notice',
      warn: 'Warning',
      error: 'Error',
      fatal: 'Fatal|Critical',
    },
    formats: [
      '{yyyy}.{mm}.{dd} {clock}.{us} [ {pid} ] {{hex}} <{L}> Application: {msg}',
      '{yyyy}.{mm}.{dd} {clock}.{us} [ {pid} ] {} <{L}> TCPHandler: {msg}',
    ],
  },
  {
    name: 'influxdb 1',
    words: LOWER,
    formats: [
      'ts={date}T{clock}.{us}Z lvl={L} msg="Opened shard" log_id=0a{hex} service=store',
      '{date}T{clock}.{us}Z\t{L}\tOpened shard\t{"log_id": "{hex}"}',
    ],
    lines: [
      [
        'none',
        '[httpd] {ip} - - [{dd}/{mon}/{yyyy}:{clock} +0000] "POST /write?db=error HTTP/1.1" 204 0 "-" "x" {hex} {n}',
      ],
    ],
  },
  {
    name: 'node crash',
    lines: [
      ['none', 'node:internal/modules/cjs/loader:{n}'],
      ['none', '  throw err;'],
      ['none', '  ^'],
      ['error', "Error: Cannot find module '{path}'"],
      ['none', "TypeError: Cannot read properties of undefined (reading 'error{n}')"],
      ['none', '    at Module._resolveFilename (node:internal/modules/cjs/loader:{n}:15)'],
      ['error', 'Uncaught TypeError: order{n} is not a function'],
      ['warn', '(node:{pid}) DeprecationWarning: Buffer() is deprecated {n}'],
      ['fatal', 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'],
      ['none', 'Node.js v20.{n}.0'],
    ],
  },
  {
    name: 'go crash',
    lines: [
      ['fatal', 'panic: runtime error: index out of range [{n}] with length 3'],
      ['fatal', 'fatal error: all goroutines are asleep - deadlock!'],
      ['none', 'goroutine {n} [running]:'],
      ['none', 'main.errorHandler(0xc000{n})'],
      ['none', '\t/src/error.go:{n} +0x1d'],
      ['error', '{yyyy}/{mm}/{dd} {clock} http: panic serving {ip}:{n}: runtime error'],
      ['none', 'exit status 2'],
    ],
  },
  {
    name: 'java crash',
    lines: [
      ['error', 'Exception in thread "{thread}" java.lang.IllegalStateException: order {n}'],
      ['none', 'Caused by: java.io.IOException: ERROR {n}'],
      ['none', '\tat com.example.Error.warn(Error.java:{n})'],
      ['none', '\t... {n} more'],
      ['fatal', '# A fatal error has been detected by the Java Runtime Environment:'],
      ['none', '#  SIGSEGV (0xb) at pc=0x{hex}, pid={pid}, tid={n}'],
    ],
  },
  {
    name: 'prose',
    lines: [
      ['none', '{msg}'],
      ['none', '{date} {clock} {msg}'],
      ['none', '  {msg}'],
      ['none', '* {msg}'],
      ['none', '> {msg}'],
      ['none', '[{pid}] {msg}'],
      ['none', '{host}: {msg}'],
      ['none', 'Error rates fell to {n} per hour'],
      ['none', 'Debug builds are {n} times slower'],
      ['none', '{n} of {n} warnings were fixed'],
      ['none', 'Warnings and errors go to {path}'],
      ['none', 'info@shop.example wrote {n} times'],
      ['none', 'error_count={n} warn_count=0 total={n}'],
      ['none', 'errors={n}'],
      ['none', 'warning_threshold: {n}'],
      ['none', 'log.level = debug ({n})'],
      ['none', '--log-level=debug --port={n}'],
      ['none', 'DEBUG={n}'],
      ['none', 'LOG_LEVEL=error PORT={n}'],
      ['none', '| error | {n} |'],
      ['none', '{ip} - - [{dd}/{mon}/{yyyy}:{clock} +0000] "GET /warn/{n} HTTP/1.1" 200 {n}'],
    ],
  },
  {
    name: 'sabnzbd',
    words: PYTHON,
    formats: ['{date} {clock},{ms}::{L}::[downloader:{n}] {msg}'],
  },
  {
    name: 'uptime kuma',
    words: { debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' },
    formats: [
      '{date}T{clock}Z [MONITOR] {L}: {msg}',
      '{date}T{clock}+01:00 \x1b[35m[SERVER]\x1b[0m \x1b[36m{L}:\x1b[0m {msg}',
    ],
    lines: [
      ['none', 'Welcome to Uptime Kuma {n}'],
      ['none', 'Your Node.js version: 20.{n}'],
    ],
  },
  {
    name: 'airflow',
    words: PYTHON,
    formats: [
      '[{date}T{clock}.{ms}+0000] {taskinstance.py:{n}} {L} - {msg}',
      '[{date} {clock},{ms}] {scheduler_job.py:{n}} {L} - {msg}',
    ],
    lines: [
      ['none', '  ____________       _____________ {n}'],
      ['info', '[{date} {clock} +0000] [{pid}] [INFO] Booting worker with pid: {n}'],
    ],
  },
  {
    name: 'synapse',
    words: PYTHON,
    formats: [
      '{date} {clock},{ms} - synapse.storage.background_updates - {n} - {L} - GET-{n} - {msg}',
      '{date} {clock},{ms} - root - {n} - {L} - main - {msg}',
    ],
  },
  {
    name: 'paperless',
    words: PYTHON,
    formats: [
      '[{date} {clock},{ms}] [{L}] [paperless.consumer] {msg}',
      '[{date} {clock},{ms}] [{L:8}] [celery.worker] {msg}',
    ],
    lines: [
      ['none', '[init-start] paperless-ngx docker container starting {n}'],
      ['none', 'Applying database migrations {n}...'],
    ],
  },
  {
    name: 'authelia and crowdsec',
    words: { debug: 'debug', info: 'info', warn: 'warning', error: 'error', fatal: 'fatal' },
    formats: [
      'time="{date}T{clock}Z" level={L} msg="order {n}" method=GET path=/error remote_ip={ip}',
      'time="{date}T{clock}Z" level={L} msg="said \\"level=debug\\" {n} times"',
    ],
  },
  {
    name: 'authentik',
    words: { debug: 'debug', info: 'info', warn: 'warning', error: 'error', fatal: 'critical' },
    formats: [
      '{"auth_via": "session", "domain_url": "{host}", "event": "/errors/", "host": "{host}", "level": "{L}", "logger": "authentik.asgi", "pid": {pid}, "status": {n}}',
      '{"event":"starting","level":"{L}","logger":"authentik.root","timestamp":"{date}T{clock}Z","n":{n}}',
    ],
  },
  {
    name: 'adguard home',
    words: { debug: 'debug', info: 'info', warn: 'warn', error: 'error', fatal: 'fatal' },
    formats: ['{yyyy}/{mm}/{dd} {clock}.{us} [{L}] dnsproxy: {msg}'],
    lines: [
      ['info', '{yyyy}/{mm}/{dd} {clock}.{us} INFO {msg} prefix=home'],
      ['error', '{yyyy}/{mm}/{dd} {clock}.{us} ERROR {msg} prefix=home'],
    ],
  },
  {
    name: 'fluent bit',
    words: { trace: 'trace', debug: 'debug', info: ' info', warn: ' warn', error: 'error' },
    formats: [
      '[{yyyy}/{mm}/{dd} {clock}] [{L}] [input:tail:tail.0] {msg}',
      '[{yyyy}/{mm}/{dd} {clock}.{ns}] [{L}] [engine] {msg}',
    ],
    lines: [
      ['none', 'Fluent Bit v3.0.{n}'],
      ['none', '* Copyright (C) 2015-{n} The Fluent Bit Authors'],
    ],
  },
  {
    name: 'fluentd',
    words: { trace: 'trace', debug: 'debug', info: 'info', warn: 'warn', error: 'error', fatal: 'fatal' },
    formats: ['{date} {clock} +0000 [{L}]: #0 {msg}', '{date} {clock} +0000 [{L}]: fluent/log.rb:{n}:info: {msg}'],
  },
  {
    name: 'logstash',
    words: UPPER,
    formats: [
      '[{date}T{clock},{ms}][{L:5}][logstash.agent           ] {msg}',
      '[{date}T{clock},{ms}][{L:5}][logstash.outputs.elasticsearch][main] {msg}',
    ],
    lines: [['none', 'Using bundled JDK: /usr/share/logstash/jdk {n}']],
  },
  {
    name: 'telegraf',
    words: { debug: 'D!', info: 'I!', warn: 'W!', error: 'E!' },
    formats: ['{date}T{clock}Z {L} [inputs.cpu] {msg}', '{date}T{clock}Z {L} {msg}'],
  },
  {
    name: 'nats',
    words: { trace: 'TRC', debug: 'DBG', info: 'INF', warn: 'WRN', error: 'ERR', fatal: 'FTL' },
    formats: ['[{pid}] {yyyy}/{mm}/{dd} {clock}.{us} [{L}] {msg}'],
  },
  {
    name: 'cloudflared',
    words: { debug: 'DBG', info: 'INF', warn: 'WRN', error: 'ERR' },
    formats: ['{date}T{clock}Z {L} {msg} connIndex=0 event=0 ip={ip}', '{date}T{clock}Z {L} {msg} error="none"'],
  },
  {
    name: 'istio and argo',
    words: { debug: 'debug', info: 'info', warn: 'warn', error: 'error', fatal: 'fatal' },
    formats: [
      '{date}T{clock}.{us}Z\t{L}\tFLAG: --error={n}',
      '{date}T{clock}.{us}Z\t{L}\txdsproxy\tconnected to {host}:{n}',
      '{"level":"{L}","msg":"order {n}","time":"{date}T{clock}Z"}',
    ],
  },
  {
    name: 'ollama',
    words: UPPER,
    formats: ['time={date}T{clock}.{ms}Z level={L} source=routes.go:{n} msg="server config" env="map[DEBUG:false]"'],
    lines: [
      ['none', '[GIN] {yyyy}/{mm}/{dd} - {clock} | 200 |      {n}µs |       {ip} | GET      "/error"'],
      ['none', 'llama_model_loader: - kv   {n}: general.name str = error'],
    ],
  },
  {
    name: 'solr and pulsar',
    words: { ...UPPER, trace: 'TRACE' },
    formats: [
      '{date} {clock}.{ms} {L:5} (main-{n}) [ x:orders] o.a.s.c.CoreContainer {msg}',
      '{date}T{clock},{ms}+0000 [{thread}] {L:5} org.apache.pulsar.broker.PulsarService - {msg}',
    ],
  },
]
