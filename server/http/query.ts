/** Query parameters: known ones only, each once, each validated; whatever else is a 400 that names the parameter. */
import type { Request } from 'express'
import * as z from 'zod'
import { CURSOR_FORM, type Cursor, MAX_PLACES_CHARS, type Place, parseCursor, parsePlaces } from '../logs/cursor.ts'
import { INSTANT_PATTERN, parseInstant } from '../logs/time.ts'
import { nearest } from '../nearest.ts'
import { MAX_CONTAINERS } from '../sse/selection.ts'
import { HttpProblem } from './problem.ts'

export const MAX_TAIL = 10_000
export const DEFAULT_TAIL = 500

/** A number of lines. `.meta` of all of these is what the interface's description says of them. */
export const lineCount = (least: number, most: number) => {
  const error = `must be a number from ${least} to ${most}`
  return z
    .string()
    .regex(/^\d{1,9}$/, error)
    .transform(Number)
    .refine((count) => count >= least && count <= most, error)
    .meta({ type: 'integer', minimum: least, maximum: most })
}

export const tail = lineCount(0, MAX_TAIL).meta({ description: 'Lines before the end of each log.' })

export const limit = lineCount(1, MAX_TAIL).meta({ description: 'Lines, or matches, at most.' })

export const flag = z.enum(['true', 'false'], { error: 'must be true or false' }).transform((value) => value === 'true')

export const cursor = z
  .string()
  .transform((text, context): Cursor => {
    const parsed = parseCursor(text)
    if (parsed) return parsed
    context.addIssue({ code: 'custom', message: 'must be a cursor: the id of an event, unchanged' })
    return z.NEVER
  })
  .meta({ description: 'A position in a log, just after a line.', pattern: CURSOR_FORM.source })

/** RFC 3339 with nine digits. */
export const instant = z
  .string()
  .transform((text, context): string => {
    const parsed = parseInstant(text, Date.now())
    if (parsed !== undefined) return parsed
    const message = 'must be a time: RFC 3339 (2026-11-22T10:00:00Z), unix seconds or a duration (10m, 1h30m)'
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
  .meta({ pattern: INSTANT_PATTERN })

const PLACE = `${CURSOR_FORM.source.slice(1, -1)}(@[^,]+)?`

/** A compound cursor. */
export const places = z
  .string()
  .transform((text, context): Place[] => {
    const parsed = parsePlaces(text, MAX_CONTAINERS)
    if (parsed) return parsed
    const message = `must be at most ${MAX_CONTAINERS} cursors, joined by commas: the id of an event, unchanged`
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
  .meta({
    description: 'A position in each of several logs: cursors, joined by commas.',
    pattern: `^${PLACE}(,${PLACE})*$`,
    maxLength: MAX_PLACES_CHARS,
  })

/** A parameter that may be given more than once. */
export const names = z
  .union([z.string(), z.array(z.string().meta({ minLength: 1 })).meta({ maxItems: MAX_CONTAINERS })])
  .transform((value) => (typeof value === 'string' ? [value] : value))
  .refine((values) => values.length <= MAX_CONTAINERS, `may be given at most ${MAX_CONTAINERS} times`)
  .refine((values) => !values.includes(''), 'must not be empty')

const MOST_LABELS = 20
const MAX_LABELS_CHARS = 4_000

/** Names of labels, joined by commas. An empty one is none. */
export const labelNames = z
  .string()
  .max(MAX_LABELS_CHARS, `must have at most ${MAX_LABELS_CHARS} characters`)
  .regex(/^[^\0]*$/, 'must not contain NUL')
  .transform((text) => [...new Set(text.split(',').filter((name) => name !== ''))])
  .refine((names) => names.length <= MOST_LABELS, `must name at most ${MOST_LABELS} labels`)
  .meta({
    description: `Add these labels of each container: names joined by commas, at most ${MOST_LABELS}. What looks like a secret is masked.`,
    maxLength: MAX_LABELS_CHARS,
    pattern: '^[^\\0]*$',
  })

/** What every log stream takes. */
export const streamShape = {
  wait: flag.meta({ description: 'Keep the stream open although no container has that name yet.' }).optional(),
  containers: flag.meta({ description: 'Send the `containers` events as well.' }).optional(),
}

/** The parameters of `req` as `shape` says; those of `repeatable` may come as arrays. Throws `HttpProblem` 400. */
export function readQuery<Shape extends z.ZodRawShape>(
  req: Request,
  shape: Shape,
  repeatable: readonly (keyof Shape)[] = [],
): z.infer<z.ZodObject<Shape>> {
  const names = Object.keys(shape)
  for (const [name, value] of Object.entries(req.query)) {
    if (!names.includes(name)) {
      throw new HttpProblem(400, `Unknown parameter ${quote(name)}.${didYouMean(nearest(name, names).slice(0, 1))}`, {
        parameter: name.slice(0, 100),
      })
    }
    if (typeof value !== 'string' && !repeatable.includes(name))
      throw new HttpProblem(400, `Parameter "${name}" may be given only once.`, { parameter: name })
  }
  const parsed = z.object(shape).safeParse(req.query)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const name = String(issue?.path[0])
  throw new HttpProblem(400, `Parameter "${name}" ${issue?.message}.`, { parameter: name })
}

/** ` Did you mean "a", "b" or "c"?`, to follow a sentence; nothing for nobody. */
export function didYouMean(closest: readonly string[]): string {
  if (closest.length === 0) return ''
  const quoted = closest.map(quote)
  const last = quoted.pop()
  return ` Did you mean ${quoted.length > 0 ? `${quoted.join(', ')} or ${last}` : last}?`
}

/** For messages: what a visitor sent, in JSON's quotes and not at any length. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)
}
