/**
 * What an engine's answers hold that Sluice uses, as schemas: every answer is validated where it enters. Fields that are not
 * named here are ignored. What cannot do without a field is left out as a whole (`OddAnswer` says why); a field that Sluice
 * can do without counts as absent where its type is wrong. Sources: Engine API, "List containers", "Inspect a container",
 * "Get version", "Get system information"; Podman's compatible API, which leaves out what Docker sends as zero.
 */
import * as z from 'zod'
import { normalizeTime } from '../logs/time.ts'
import { EngineError } from './engine.ts'

/** An answer, or a part of one, that is not what the Engine API describes. To ask again at once would not help. */
export class OddAnswer extends EngineError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('failed', message, options)
  }
}

/** Unix seconds of the years 1 to 9999: what JavaScript prints as RFC 3339. Go's zero time is the first of them. */
const FIRST_SECOND = -62_135_596_800
const LAST_SECOND = 253_402_300_799

/** Twelve zeros name no incarnation: a cursor with them stands before any (`logs/cursor.ts`). */
const id = z.string().regex(/^(?!0{12})[0-9a-f]{12,64}$/, 'not a container id')
const labels = z.record(z.string(), z.string())
const time = z.string().refine((text) => normalizeTime(text) !== undefined)

/** Absent where its type is wrong. */
function lenient<T extends z.ZodType>(schema: T) {
  return schema.nullish().catch(undefined)
}

const version = z.object({
  ApiVersion: z.string(),
  Version: lenient(z.string()),
  Components: lenient(z.array(lenient(z.object({ Name: lenient(z.string()) })))),
})

const info = z.object({ Name: lenient(z.string()) })

const listEntry = z.object({
  Id: id,
  Names: z.array(z.string()).nullish(), // null where a removal failed half way
  Image: z.string().nullish(),
  Command: z.string().nullish(),
  Created: z.int().min(FIRST_SECOND).max(LAST_SECOND),
  State: z.string().nullish(),
  Status: z.string().nullish(),
  Labels: labels.nullish(),
})

const inspection = z.object({
  Id: id,
  Name: z.string(),
  Created: lenient(time),
  Path: lenient(z.string()),
  Args: lenient(z.array(z.string())),
  RestartCount: lenient(z.int().min(0)),
  State: z.object({
    Status: z.string(),
    Running: lenient(z.boolean()),
    Restarting: lenient(z.boolean()),
    OOMKilled: lenient(z.boolean()),
    ExitCode: lenient(z.int()),
    StartedAt: lenient(time),
    FinishedAt: lenient(time),
    Health: lenient(z.object({ Status: lenient(z.string()) })),
  }),
  // Without `Tty` a log would be decoded as what it is not.
  Config: z.object({ Tty: z.boolean().nullish(), Image: lenient(z.string()), Labels: lenient(labels) }),
  HostConfig: lenient(
    z.object({
      LogConfig: lenient(z.object({ Type: lenient(z.string()), Config: lenient(labels) })),
    }),
  ),
})

export type Version = z.infer<typeof version>
export type ListEntry = z.infer<typeof listEntry>
export type Inspection = z.infer<typeof inspection>

/** Each takes a JSON text, and throws `OddAnswer` with what is odd about it. */
export const parseVersion = parser(version)
export const parseInfo = parser(info)
export const parseListEntry = parser(listEntry)
export const parseInspection = parser(inspection)

function parser<T>(schema: z.ZodType<T>): (text: string) => T {
  return (text) => {
    const result = schema.safeParse(parseJson(text))
    if (result.success) return result.data
    throw new OddAnswer(oddity(result.error))
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new OddAnswer('not JSON', { cause })
  }
}

/** `Names.0: Invalid input: expected string, received number`; of several, the first. Holds no value of the answer's. */
function oddity({ issues: [issue] }: z.ZodError): string {
  const path = issue?.path.map(String).join('.').slice(0, 100)
  return `${path ? `${path}: ` : ''}${issue?.message ?? 'invalid'}`
}
