/** What befalls the way between Sluice and the engine: each fault lasts for a while, and is then over. */
import { setTimeout as delay } from 'node:timers/promises'
import type { FaultProxy } from '../engine/fault-proxy.ts'
import type { Fault } from '../engine/faults.ts'
import type { LogDamage } from '../engine/frame-damage.ts'
import type { Lock } from './lock.ts'
import type { Random } from './random.ts'

const FOLLOW = { path: /\/logs\?.*follow=1/ }
const LOGS = { path: /\/logs\?/ }
const LIST = { path: /\/containers\/json/ }
/** The stream, not a question about the past. */
const EVENTS = { path: /\/events\?(?!.*until=)/ }
const ANY = {}

/** As moby and the kernel word it. */
const SENTENCES = [
  "Error grabbing logs: invalid character '\\x00' looking for beginning of value\n",
  'Error grabbing logs: log message is too large (1937007717 > 1000000)\n',
  'Error grabbing logs: read /var/lib/docker/containers/x/x-json.log: input/output error\n',
]
const ODD_ENTRIES = [null, { Id: 5 }, { Id: 'f'.repeat(64), Names: '/odd', Image: 'x', Created: 0, State: 'running' }]
const ODD_EVENTS = [
  '{"Type":"container","Action":"start","Actor":{"ID":"x","Attributes":{"name":7}}}\n',
  '{"Type":"container","Action":"start","Actor":null}\n',
  'null\n',
  'HTTP/1.1 400 Bad Request\n',
]
/** HAProxy's, which socket proxies are made of. */
const FORBIDDEN: Fault = {
  kind: 'answer',
  status: 403,
  headers: { 'Content-Type': 'text/html', 'Cache-Control': 'no-cache' },
  body: '<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n',
}
const FORBIDDEN_PATHS = [EVENTS, { path: /\/version/ }, { path: /\/_ping/ }, { path: /\/info/ }, LOGS, FOLLOW]

/** Within which Sluice finds an engine again that answers. */
const LISTENS_DEADLINE_MS = 20_000
/** From its first word on the stream on, within which it has listed and asked what it missed. */
const LISTED_MS = 1_000

interface Bed {
  readonly proxy: FaultProxy
  readonly random: Random
  /** Held while a container's name passes on. */
  readonly names: Lock
}

/** What was done, in words. Resolves when it is over. */
type EngineFault = (bed: Bed, say: (text: string) => void) => Promise<void>

export const ENGINE_FAULTS = {
  'cut-follows': async ({ proxy }, say) => say(`${proxy.cut(FOLLOW)} connections`),
  'cut-all': async ({ proxy }, say) => say(`${proxy.cut()} connections`),

  'cut-in-frame': async ({ proxy, random }, say) => {
    const after = random.magnitude(1, 200_000)
    const follows = random.chance(0.7)
    // That an answer which ends as if it were whole is not: only a follow's end is looked into, by following again.
    const ending = random.pick(follows ? (['cut', 'cut', 'stall', 'end'] as const) : (['cut', 'stall'] as const))
    const times = random.between(1, 6)
    say(`${follows ? 'follows' : 'logs'} after ${after} bytes: ${ending}, ${times} times`)
    const rule = proxy.on({ ...(follows ? FOLLOW : LOGS), times }, { kind: 'truncate', after, ending })
    proxy.cut(FOLLOW)
    await delay(random.between(500, 4_000))
    rule.remove()
    if (ending === 'stall') proxy.cut(LOGS) // what was to stall stalls for ever
  },

  hang: async ({ proxy, random }, say) => {
    const times = random.between(1, 4)
    const match = random.pick([FOLLOW, LOGS, ANY])
    say(`${times} requests to ${'path' in match ? match.path : 'anything'}`)
    const rule = proxy.on({ ...match, times }, { kind: 'hang' })
    proxy.cut(FOLLOW)
    await delay(random.between(500, 6_000))
    rule.remove()
    proxy.cut(match)
  },

  stall: async ({ proxy, random }, say) => {
    const match = random.pick([FOLLOW, FOLLOW, ANY])
    const ms = random.magnitude(300, 12_000)
    say(`${'path' in match ? 'follows' : 'everything'} for ${ms} ms`)
    const release = proxy.stall(match, 'response')
    await delay(ms)
    release()
  },

  answer: async ({ proxy, random }, say) => {
    const match = random.pick([LOGS, FOLLOW, ANY])
    const status = random.pick([500, 500, 502, 503])
    const times = random.between(1, 8)
    say(`${status} to ${times} requests to ${'path' in match ? match.path : 'anything'}`)
    const rule = proxy.on({ ...match, times }, { kind: 'answer', status, body: '{"message":"on fire"}' })
    proxy.cut(FOLLOW)
    await delay(random.between(500, 3_000))
    rule.remove()
  },

  garbage: async ({ proxy, random }, say) => {
    const times = random.between(1, 4)
    const inHttp = random.chance(0.5)
    say(`${times} times, ${inHttp ? 'in a log' : 'in the place of HTTP'}`)
    const body = Buffer.alloc(random.magnitude(1, 4_000), 0x42)
    const rule = proxy.on({ ...LOGS, times }, inHttp ? { kind: 'answer', status: 200, body } : { kind: 'garbage' })
    proxy.cut(FOLLOW)
    await delay(random.between(500, 2_000))
    rule.remove()
  },

  delay: async ({ proxy, random }, say) => {
    const ms = random.magnitude(50, 3_000)
    say(`${ms} ms`)
    const rule = proxy.on(random.pick([LOGS, ANY]), { kind: 'delay', ms })
    if (random.chance(0.7)) proxy.cut(FOLLOW)
    await delay(random.between(1_000, 5_000))
    rule.remove()
  },

  trickle: async ({ proxy, random }, say) => {
    const [bytes, ms] = [random.magnitude(20, 8_000), random.between(1, 10)]
    say(`${bytes} bytes each ${ms} ms`)
    const rule = proxy.on(LOGS, { kind: 'trickle', bytes, ms })
    proxy.cut(FOLLOW)
    await delay(random.between(1_000, 6_000))
    rule.remove()
    proxy.cut(LOGS) // a crumbling answer crumbles to its end
  },

  /** Logs that cannot be read past some place: which is the same for all reads, or comes after so many frames of each. */
  damage: async ({ proxy, random }, say) => {
    const after = random.chance(0.5)
      ? { time: nanoseconds(Date.now() - random.magnitude(1, 60_000)) }
      : { frames: random.magnitude(1, 3_000) }
    const [what, damage] = random.pick(damages(random))
    const match = random.pick([LOGS, LOGS, FOLLOW])
    const ms = random.between(1_000, 8_000)
    say(`${what} in ${match === FOLLOW ? 'follows' : 'logs'} after ${JSON.stringify(after)}, for ${ms} ms`)
    const rule = proxy.on(match, { kind: 'damage', after, ...damage })
    if (random.chance(0.7)) proxy.cut(FOLLOW)
    await delay(ms)
    rule.remove()
  },

  /** What is no container among those listed, and what is no event in the stream. */
  odd: async ({ proxy, random }, say) => {
    const [before, after] = [random.pick(ODD_ENTRIES), random.pick(ODD_ENTRIES)]
    const event = random.pick(ODD_EVENTS)
    const rule = proxy.on(LIST, { kind: 'extend', before: [before], after: [after, ...ODD_ENTRIES] })
    if (random.chance(0.7)) proxy.cut(EVENTS)
    const ms = random.between(500, 5_000)
    await delay(ms)
    say(`entries for ${ms} ms, and ${JSON.stringify(event)} in ${proxy.insert(EVENTS, event)} streams`)
    rule.remove()
  },

  /** A socket proxy that does not let a request pass. */
  forbid: async ({ proxy, random, names }, say) => {
    const match = random.pick(FORBIDDEN_PATHS)
    const ms = random.between(1_000, 8_000)
    if (match === EVENTS) return names.run(() => forbidEvents(proxy, ms, say))
    say(`${match.path} for ${ms} ms`)
    const rule = proxy.on(match, FORBIDDEN)
    proxy.cut()
    await delay(ms)
    rule.remove()
  },

  refuse: async ({ proxy, random }, say) => {
    const how = random.pick(['refused', 'missing'] as const)
    const ms = random.magnitude(100, 6_000)
    const cut = random.chance(0.8)
    say(`${how} for ${ms} ms${cut ? ', all connections cut' : ''}`)
    await proxy.refuse(how)
    if (cut) proxy.cut()
    await delay(ms)
    await proxy.accept()
  },

  greet: async ({ proxy, random }, say) => {
    const kind = random.pick(['hang', 'cut', 'garbage'] as const)
    say(kind)
    proxy.greet({ kind })
    proxy.cut()
    await delay(random.magnitude(200, 5_000))
    proxy.greet(undefined)
    proxy.cut()
  },
} satisfies Record<string, EngineFault>

/** Without events nobody can say when a name passed on: meanwhile none does. */
async function forbidEvents(proxy: FaultProxy, ms: number, say: (text: string) => void): Promise<void> {
  // What it has not heard of yet it would ask for in vain.
  const isListening = await listens(proxy)
  say(isListening ? `${EVENTS.path} for ${ms} ms` : 'nothing, as Sluice does not listen to events')
  if (!isListening) return
  const rule = proxy.on(EVENTS, FORBIDDEN)
  proxy.cut(EVENTS)
  await delay(ms)
  rule.remove()
  // It asks for them again half a minute later, or when it has lost the engine.
  const loss = proxy.on({ ...LIST, times: 1 }, { kind: 'cut' })
  await listens(proxy)
  loss.remove()
}

/** Whether Sluice listens to events, and knows the names that there are. */
async function listens(proxy: FaultProxy): Promise<boolean> {
  const last = () => proxy.requests.findLast(({ path }) => EVENTS.path.test(path))
  const listening = () => last()?.open === true && last()?.status === 200
  const isListening = await proxy.until(listening, LISTENS_DEADLINE_MS).then(
    () => true,
    () => false,
  )
  await delay(LISTED_MS)
  return isListening
}

/** What there may be of it, in words. */
function damages(random: Random): [string, Omit<LogDamage, 'after'>][] {
  return [
    ['an error', { send: frame(3, random.pick(SENTENCES)), ends: true }],
    ['an end', { ends: true }],
    ['a frame without a time', { send: frame(1, 'no stamp line\n'), ends: false }],
  ]
}

function frame(kind: number, payload: string): Buffer {
  const bytes = Buffer.from(`\0\0\0\0\0\0\0\0${payload}`)
  bytes[0] = kind
  bytes.writeUInt32BE(bytes.length - 8, 4)
  return bytes
}

/** RFC 3339 with nine digits. */
function nanoseconds(unixMs: number): string {
  return `${new Date(unixMs).toISOString().slice(0, -1)}000000Z`
}

/** Those by which Sluice may find a log damaged, or unreadable. */
export const SPOILS_LOGS: ReadonlySet<EngineFaultName> = new Set([
  'cut-in-frame',
  'answer',
  'garbage',
  'damage',
  'forbid',
])

export type EngineFaultName = keyof typeof ENGINE_FAULTS

/** How often each is drawn. */
export const ENGINE_FAULT_WEIGHTS: Readonly<Record<EngineFaultName, number>> = {
  'cut-follows': 5,
  'cut-all': 2,
  'cut-in-frame': 5,
  hang: 2,
  stall: 3,
  answer: 2,
  garbage: 2,
  delay: 2,
  trickle: 2,
  damage: 5,
  odd: 2,
  forbid: 3,
  refuse: 2,
  greet: 1,
}
