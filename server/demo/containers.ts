/** The cast: the containers of a small lamp shop, what each is, what happens to it and what it says. */
import { AIL_PERIOD_MS, ailing, CRASH_PERIOD_MS, crashing, type Life, outOfMemory, steady } from './life.ts'
import { Log, type LogOptions } from './log.ts'
import { random } from './random.ts'
import { api, apiOpening } from './voices/api.ts'
import { cronSync } from './voices/cron-sync.ts'
import { firehose } from './voices/firehose.ts'
import { imageResizer, imageResizerOpening } from './voices/image-resizer.ts'
import { postgres, postgresOpening } from './voices/postgres.ts'
import { printStation } from './voices/print-station.ts'
import { redis, redisOpening } from './voices/redis.ts'
import { storefrontDev, storefrontDevOpening } from './voices/storefront-dev.ts'
import { traefik, traefikOpening } from './voices/traefik.ts'
import { web, webOpening } from './voices/web.ts'
import { worker, workerOpening } from './voices/worker.ts'

export interface DemoContainer {
  /** 64 hex digits. */
  id: string
  name: string
  image: string
  /** The program and its arguments. */
  command: readonly [string, ...string[]]
  labels: Record<string, string>
  tty: boolean
  restart: 'no' | 'always' | 'unless-stopped'
  life: Life
  log: Log
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** The last five minutes, 60 000 lines: enough to scroll in, and told in a tenth of a second. */
const FIREHOSE_KEEP_MS = 5 * MINUTE_MS

/** All of them, as if the shop had been running for a while at `now` (milliseconds since 1970). */
export function cast(seed: number, now: number): DemoContainer[] {
  const deployed = now - 2 * HOUR_MS - 11_400
  const resizerStarted = now - 34 * MINUTE_MS
  const resizerKilled = now - 4 * MINUTE_MS - 21_370
  const syncing = crashing(seed, now - 70 * MINUTE_MS)

  const container = (
    name: string,
    image: string,
    command: readonly [string, ...string[]],
    life: Life,
    log: Pick<LogOptions, 'voice' | 'opening' | 'slotMs' | 'keepMs' | 'end'>,
    more: Partial<Pick<DemoContainer, 'labels' | 'tty' | 'restart'>> = {},
  ): DemoContainer => ({
    id: random(seed, 'id', name).hex(64),
    name,
    image,
    command,
    labels: {},
    tty: false,
    restart: 'unless-stopped',
    ...more,
    life,
    log: new Log({ seed, name, begin: life.stateAt(life.created).startedAt, ...log }),
  })
  const service = (name: string) => ({ labels: composeLabels('shop', name) })

  return [
    container(
      'shop-web-1',
      'nginx:1.29-alpine',
      ['/docker-entrypoint.sh', 'nginx', '-g', 'daemon off;'],
      steady(deployed + 4100, 'healthy'),
      { voice: web(seed), opening: webOpening },
      service('web'),
    ),
    container(
      'shop-api-1',
      'lamps/api:2.14.0',
      ['docker-entrypoint.sh', 'node', 'server.js'],
      steady(deployed + 3300, 'healthy'),
      { voice: api(seed), opening: apiOpening },
      service('api'),
    ),
    container(
      'shop-worker-1',
      'lamps/worker:2.14.0',
      ['python', '-m', 'worker'],
      steady(deployed + 3400),
      { voice: worker(seed), opening: workerOpening },
      service('worker'),
    ),
    container(
      'shop-postgres-1',
      'postgres:17-alpine',
      ['docker-entrypoint.sh', 'postgres'],
      steady(deployed, 'healthy'),
      { voice: postgres(seed), opening: postgresOpening },
      service('postgres'),
    ),
    container(
      'shop-redis-1',
      'redis:8-alpine',
      ['docker-entrypoint.sh', 'redis-server'],
      steady(deployed + 20),
      { voice: redis, opening: redisOpening },
      service('redis'),
    ),
    container(
      'traefik',
      'traefik:v2.11',
      ['/entrypoint.sh', '--providers.docker', '--log.level=DEBUG'],
      steady(deployed - 40 * MINUTE_MS),
      { voice: traefik, opening: traefikOpening },
      { restart: 'always' },
    ),
    container(
      'cron-sync',
      'lamps/cron-sync:1.3.2',
      ['/bin/sh', '/srv/sync.sh'],
      syncing,
      { voice: cronSync(seed), slotMs: CRASH_PERIOD_MS },
      { restart: 'always' },
    ),
    container(
      'print-station',
      'lamps/print-station:4.1.0',
      ['dotnet', 'Shop.Labels.dll'],
      ailing(deployed - 13 * MINUTE_MS),
      { voice: printStation, slotMs: AIL_PERIOD_MS },
    ),
    container(
      'firehose',
      'lamps/light-meters:0.9.1',
      ['/meters', '--all'],
      steady(deployed + 55 * MINUTE_MS),
      { voice: firehose, slotMs: 1000, keepMs: FIREHOSE_KEEP_MS },
      { restart: 'no' },
    ),
    container(
      'image-resizer',
      'lamps/image-resizer:0.7.4',
      ['/resizer', '--watch', '/srv/images/incoming'],
      outOfMemory(resizerStarted, resizerKilled),
      { voice: imageResizer(resizerKilled), opening: imageResizerOpening, end: resizerKilled },
      { restart: 'no' },
    ),
    container(
      'storefront-dev',
      'node:24-alpine',
      ['docker-entrypoint.sh', 'npm', 'run', 'dev'],
      steady(deployed + 71 * MINUTE_MS),
      { voice: storefrontDev, opening: storefrontDevOpening },
      { tty: true, restart: 'no' },
    ),
  ]
}

function composeLabels(project: string, name: string): Record<string, string> {
  return {
    'com.docker.compose.container-number': '1',
    'com.docker.compose.oneoff': 'False',
    'com.docker.compose.project': project,
    'com.docker.compose.project.config_files': `/srv/${project}/compose.yaml`,
    'com.docker.compose.project.working_dir': `/srv/${project}`,
    'com.docker.compose.service': name,
  }
}
