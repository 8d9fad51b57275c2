/** What befalls the way between Sluice and the engine: each fault lasts for a while, and is then over. */
import { setTimeout as delay } from 'node:timers/promises'
import type { FaultProxy } from '../engine/fault-proxy.ts'
import type { Random } from './random.ts'

const FOLLOW = { path: /\/logs\?.*follow=1/ }
const LOGS = { path: /\/logs\?/ }
const ANY = {}

interface Bed {
  readonly proxy: FaultProxy
  readonly random: Random
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
  refuse: 2,
  greet: 1,
}
