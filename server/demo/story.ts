/**
 * What goes on in the lamp shop: people come, look at lamps, and some buy one. The web server, the API, the worker and
 * the database all tell of the same visits, so that their logs, read together, agree.
 */
import { type Random, random } from './random.ts'

export interface Lamp {
  slug: string
  title: string
  /** Euro. */
  price: number
}

export const LAMPS: readonly [Lamp, ...Lamp[]] = [
  { slug: 'brass-reading-lamp', title: 'Brass reading lamp', price: 129 },
  { slug: 'paper-moon', title: 'Paper moon', price: 59 },
  { slug: 'harbour-lantern', title: 'Harbour lantern', price: 84 },
  { slug: 'green-banker', title: 'Green banker', price: 149 },
  { slug: 'opal-globe', title: 'Opal globe', price: 98 },
  { slug: 'birch-floor-lamp', title: 'Birch floor lamp', price: 219 },
  { slug: 'clip-on-spot', title: 'Clip-on spot', price: 29 },
  { slug: 'night-light-fox', title: 'Night light, fox', price: 19 },
]

export interface Order {
  id: number
  lamp: Lamp
  quantity: number
  city: string
  /** The payment provider did not answer. */
  failed: boolean
}

export interface Visit {
  ip: string
  agent: string
  requests: Request[]
}

export interface Request {
  /** Milliseconds since the minute's start. */
  at: number
  method: 'GET' | 'POST'
  path: string
  status: number
  bytes: number
  /** What the answer took, in milliseconds. */
  took: number
  /** The API's name for the request; only where the path is the API's. */
  id?: string
  lamp?: Lamp
  order?: Order
}

const ROOMS = ['desk', 'bedroom', 'kitchen', 'hall', 'garden'] as const
const CITIES = ['Lisbon', 'Ghent', 'Turku', 'Graz', 'Porto', 'Aarhus', 'Leipzig', 'Cork', 'Turin', 'Brno'] as const
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari/604.1',
] as const

/** The visits of a minute since 1970. The same for all who ask. */
export function visits(seed: number, minute: number): Visit[] {
  const chance = random(seed, 'story', minute)
  let orders = 0
  return Array.from({ length: chance.int(16, 24) }, () => {
    const failed = chance.chance(0.04)
    const visit = walk(chance, (minute % 100_000) * 20 + orders, failed)
    if (visit.requests.some(({ order }) => order !== undefined)) orders++
    return visit
  })
}

function walk(chance: Random, orderId: number, failed: boolean): Visit {
  const requests: Request[] = []
  let at = chance.int(0, 52_000)
  const ask = (method: 'GET' | 'POST', path: string, more: Partial<Request> = {}) => {
    const id = path.startsWith('/api/') ? { id: `req-${chance.hex(6)}` } : {}
    const request = {
      at,
      method,
      path,
      status: 200,
      bytes: chance.int(420, 9800),
      took: chance.int(2, 38),
      ...id,
      ...more,
    }
    if (at < 59_000) requests.push(request)
    at += request.took + chance.int(30, 400)
  }
  const read = () => {
    at += chance.int(1500, 9000)
  }

  const lamp = chance.pick(LAMPS)
  if (chance.chance(0.6)) {
    ask('GET', '/', { bytes: 5124 })
    read()
  }
  ask('GET', `/lamps?room=${chance.pick(ROOMS)}`)
  ask('GET', '/api/lamps', { took: chance.chance(0.04) ? chance.int(900, 2400) : chance.int(8, 60) })
  read()
  ask('GET', `/lamps/${lamp.slug}`, { lamp })
  ask('GET', `/img/${lamp.slug}.webp`, {
    bytes: chance.int(38_000, 96_000),
    took: 1,
    status: chance.chance(0.3) ? 304 : 200,
  })
  ask('GET', `/api/stock/${lamp.slug}`, { lamp })
  if (chance.chance(0.04)) ask('GET', '/lamps/lava-lamp', { status: 404, bytes: 1146 })
  read()
  if (chance.chance(0.45)) {
    ask('POST', '/api/basket', { status: 201, lamp })
    read()
    if (chance.chance(0.6)) {
      const quantity = chance.chance(0.8) ? 1 : chance.int(2, 4)
      const order: Order = { id: orderId, lamp, quantity, city: chance.pick(CITIES), failed }
      ask('POST', '/api/checkout', {
        order,
        status: failed ? 502 : 201,
        took: failed ? chance.int(5000, 5040) : chance.int(180, 720),
      })
    }
  }
  const ip = chance.chance(0.15)
    ? `2001:db8:${chance.hex(2)}::${chance.hex(2)}`
    : `${chance.pick(['192.0.2', '198.51.100', '203.0.113'])}.${chance.int(2, 250)}`
  return { ip, agent: chance.pick(AGENTS), requests }
}

/** The requests of a minute in the order of their times. */
export function requests(seed: number, minute: number): (Request & { visit: Visit })[] {
  return visits(seed, minute)
    .flatMap((visit) => visit.requests.map((request) => ({ ...request, visit })))
    .sort((a, b) => a.at - b.at)
}
