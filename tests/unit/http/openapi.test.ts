/** The interface is what its description says: every route is driven with what that allows, and with what it does not. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Feeds } from '../../../server/feed/feeds.ts'
import { createApp } from '../../../server/http/app.ts'
import { Streams } from '../../../server/sse/streams.ts'
import { at } from '../logs/frames.ts'
import { container, MemoryEngine } from '../memory-engine.ts'

interface Schema {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly const?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly maxLength?: number
  readonly format?: string
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly schema: Schema
}

interface Operation {
  readonly parameters: readonly Parameter[]
  readonly responses: Readonly<Record<string, { content?: Readonly<Record<string, { schema?: object }>> }>>
  readonly 'x-events'?: Readonly<Record<string, object>>
}

interface Description {
  readonly paths: Readonly<Record<string, { readonly get: Operation }>>
  readonly components: object
}

type Query = readonly (readonly [name: string, value: string])[]

const ANY_TEXT = '^[^\\0]*$'
const RUNS = 30
const READ_MS = 150 // of what does not end
const READ_CHARS = 256 * 1024
/** What a search needs besides, and each form of a log takes. */
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  '/api/containers/{key}/logs': ['format=json', 'format=text', 'format=ndjson'],
  '/api/containers/{key}/logs/search': ['q=line', 'level=none'],
  '/api/logs/search': ['q=line', 'level=none'],
}

const log = pino({ level: 'silent' })
const page = mkdtempSync(join(tmpdir(), 'sluice-unit-'))
writeFileSync(join(page, 'index.html'), '<!doctype html><base href="/"><title>Sluice</title>')
const lines = Array.from({ length: 40 }, (_, index) => ({ time: at(index), text: `line ${index}\n` }))
const web = { ...container('web'), project: 'shop', labels: { tier: 'front' } }
const engine = new MemoryEngine().add(web, lines).add(container('db', '3'.repeat(64)), lines.slice(7))
const feeds = new Feeds(engine, log)
const streams = new Streams(feeds)
const app = createApp({ feeds, streams, log, base: '/', page, maxSessions: 1_000, maxSessionsPerAddress: 1_000 })
const server = http.createServer(app).listen(0, '127.0.0.1')
await once(server, 'listening')
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const description = (await (await fetch(`${origin}/api/openapi.json`)).json()) as Description
const operations = Object.entries(description.paths).map(([path, { get }]) => ({ path, operation: get }))

/** What the schema allows. */
function conforming({ name, schema }: Parameter): fc.Arbitrary<readonly string[]> {
  if (schema.type === 'array') {
    const real = { container: ['web', 'db'], project: ['shop'], label: ['tier', 'tier=front'] }[name] ?? []
    return fc.array(fc.constantFrom(...real), { minLength: 1, maxLength: 3 })
  }
  return textOf(schema).map((value) => [value])
}

function textOf(schema: Schema): fc.Arbitrary<string> {
  const { type, pattern, minimum: min = 0, maximum: max = 0, maxLength = 100 } = schema
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(textOf))
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (type === 'integer') return fc.integer({ min, max }).map(String)
  if (pattern && pattern !== ANY_TEXT) return fc.stringMatching(new RegExp(pattern))
  return fc.string({ maxLength: Math.min(maxLength, 100) }).map((text) => text.replaceAll('\0', ''))
}

/** What it does not. */
function violations({ schema }: Parameter): readonly string[] {
  if (schema.anyOf) return ['', 'every', '-1']
  if (schema.enum) return ['', 'other', schema.enum.join()]
  if (schema.type === 'integer') return ['', '1e9', '-1', '1.5', 'ten', String((schema.maximum ?? 0) + 1)]
  if (schema.maxLength) return ['x'.repeat(schema.maxLength + 1), ...(schema.pattern ? ['a\0b'] : [])]
  return schema.pattern ? ['', '?', 'x.y'] : []
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
}

/** The answer, or as much of one that does not end as tells what it is. */
async function ask(path: string, query: string, key = 'web'): Promise<Answer> {
  const url = `${origin}${path.replace('{key}', encodeURIComponent(key))}?${query}`
  const leave = new AbortController()
  const response = await fetch(url, { signal: leave.signal, headers: { 'Accept-Encoding': 'identity' } })
  const timer = setTimeout(() => leave.abort(), READ_MS)
  let text = ''
  try {
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString('latin1')
      if (text.length > READ_CHARS || /^event: ?(?:live|containers)\n.*\n\n/ms.test(text)) break
    }
  } catch (error) {
    if (!leave.signal.aborted) throw error
  } finally {
    clearTimeout(timer)
    leave.abort()
  }
  return { status: response.status, type: response.headers.get('content-type')?.split(';')[0] ?? '', text }
}

const text = (query: Query) =>
  new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString()

const ajv = new Ajv2020({ strict: false })
ajv.addSchema(description, 'description')

/** Throws where the data is not of the schema, whose references are into the description. */
function validate(schema: object, data: unknown): void {
  const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"description#/')) as object
  const check = ajv.compile(absolute)
  if (!check(data)) throw new Error(`${ajv.errorsText(check.errors)}: ${JSON.stringify(data).slice(0, 500)}`)
}

/** Throws where the answer is not one that the operation describes. */
function validateAnswer({ responses, 'x-events': events }: Operation, { status, type, text }: Answer): void {
  const response = responses[status]
  if (!response) throw new Error(`an answer of ${status} is not described: ${text}`)
  const content = response.content?.[type]
  if (!response.content && text === '') return
  if (!content) throw new Error(`${type} is not described for ${status}`)
  const utf8 = Buffer.from(text, 'latin1').toString()
  if (/json$/.test(type) && type !== 'application/x-ndjson') validate(content.schema ?? {}, JSON.parse(utf8))
  if (type === 'application/x-ndjson')
    for (const line of utf8.split('\n').slice(0, -1)) validate(content.schema ?? {}, JSON.parse(line))
  if (type !== 'text/event-stream') return
  for (const block of utf8.split('\n\n').slice(0, -1)) {
    const [, event] = /^event: ?(.*)$/m.exec(block) ?? []
    if (event === undefined) continue
    const schema = events?.[event]
    if (!schema) throw new Error(`the event ${event} is not described`)
    validate(schema, JSON.parse(/^data: ?(.*)$/m.exec(block)?.[1] ?? ''))
  }
}

describe('the description of the interface', () => {
  beforeAll(() => expect(operations.length).toBeGreaterThan(9))
  afterAll(() => {
    streams.close()
    feeds.close()
    server.closeAllConnections()
    server.close()
    rmSync(page, { recursive: true })
  })

  it('is one by OpenAPI itself', async () => {
    expect(await new Validator().validate({ ...description })).toEqual({ valid: true })
  })

  it('has every route there is', () => {
    const routes: string[] = []
    const collect = (layers: readonly { route?: { path: string | RegExp | string[] }; handle: unknown }[]) => {
      for (const { route, handle } of layers) {
        if (route) routes.push(...[route.path].flat().filter((path) => typeof path === 'string'))
        else collect((handle as { stack?: [] }).stack ?? [])
      }
    }
    collect(app.router.stack as [])
    const served = new Set(routes.filter((path) => path.startsWith('/api/') || path === '/healthz'))
    expect([...served].map((path) => path.replace(':key', '{key}')).sort()).toEqual(
      operations.map(({ path }) => path).sort(),
    )
  })

  describe.each(operations)('of $path', ({ path, operation }) => {
    const parameters = operation.parameters.filter((each) => each.in === 'query')
    const forms = FORMATS[path] ?? ['']

    it('holds for a request without parameters, and for an unknown name', async () => {
      validateAnswer(operation, await ask(path, forms[0] ?? ''))
      const unknown = await ask(path, forms[0] ?? '', 'nobody') // which may be a newcomer: it is waited for
      validateAnswer(operation, unknown)
      expect(unknown.status).toBe(path.includes('{key}') ? 404 : 200)
    })

    it('holds for a parameter that it does not name', async () => {
      const answer = await ask(path, 'colour=red')
      validateAnswer(operation, answer)
      if (path !== '/healthz') expect(answer.status).toBe(400)
    })

    it.each(parameters)(
      'takes each $name that it allows',
      async (parameter) => {
        await fc.assert(
          fc.asyncProperty(conforming(parameter), async (values) => {
            const query = values.map((value) => [parameter.name, value] as const)
            const answers = await Promise.all(
              forms.map((form) => ask(path, [form, text(query)].filter(Boolean).join('&'))),
            )
            for (const answer of answers) validateAnswer(operation, answer)
            // A pattern that RE2 refuses is the schema's to allow; a form of the log takes some of the parameters.
            const mayRefuse =
              parameter.schema.format === 're2' || parameter.name === 'format' || /^(?:q|level)$/.test(parameter.name)
            if (!mayRefuse) expect(answers.map(({ status }) => status)).not.toEqual(forms.map(() => 400))
          }),
          { numRuns: 12 },
        )
      },
      60_000,
    )

    it.each(parameters.filter((parameter) => violations(parameter).length > 0))(
      'refuses any other $name',
      async (parameter) => {
        for (const value of violations(parameter)) {
          for (const form of forms) {
            const answer = await ask(path, [form, text([[parameter.name, value]])].filter(Boolean).join('&'))
            validateAnswer(operation, answer)
            expect([value, answer.status]).toEqual([value, 400])
            expect(JSON.parse(answer.text)).toMatchObject({ parameter: parameter.name })
          }
        }
      },
    )

    it('holds for whatever of it is put together', async () => {
      const some = fc
        .subarray([...parameters])
        .chain((chosen) =>
          fc.tuple(
            ...chosen.map((parameter) =>
              conforming(parameter).map((values) => values.map((value) => [parameter.name, value] as const)),
            ),
          ),
        )
      await fc.assert(
        fc.asyncProperty(some, fc.constantFrom(...forms), async (chosen, form) => {
          const answer = await ask(path, [form, text(chosen.flat())].filter(Boolean).join('&'))
          validateAnswer(operation, answer)
          if (answer.status !== 400) return
          const { parameter } = JSON.parse(answer.text) as { parameter?: string }
          expect(
            parameter === undefined ||
              [...chosen.flat().map(([name]) => name), 'format', 'q', 'level'].includes(parameter),
          ).toBe(true)
        }),
        { numRuns: RUNS },
      )
    }, 120_000)
  })
})
