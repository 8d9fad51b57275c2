/** The filter parameters of whatever gives lines: `stream`, `level`, `q`, `not`, `re`. */
import * as z from 'zod'
import { filtering } from '../feed/filtering.ts'
import { compileFilter, type Filter, LEVELS, type LevelChoice, MAX_TEXT_CHARS } from '../logs/filter.ts'
import { FilterError } from '../logs/filter-error.ts'
import { loadPatterns } from '../logs/pattern.ts'
import { HttpProblem } from './problem.ts'

const isLevel = (name: string): name is LevelChoice => (LEVELS as readonly string[]).includes(name)

const levels = z
  .string()
  .transform((list, context): LevelChoice[] => {
    const names = list.split(',').map((name) => name.trim().toLowerCase())
    if (names.every(isLevel)) return names
    context.addIssue({ code: 'custom', message: `must be levels joined by commas, each one of ${LEVELS.join(', ')}` })
    return z.NEVER
  })
  .meta({
    description:
      'Lines of these levels only, joined by commas, each with its stack trace; `none` are those that name no level.',
    pattern: `^(${LEVELS.join('|')})(,(${LEVELS.join('|')}))*$`,
  })

const text = z.string().meta({ maxLength: MAX_TEXT_CHARS, pattern: '^[^\\0]*$' })

/**
 * To spread into `readQuery`'s shape. An empty text is none, as a form sends it for a field left blank; an empty `level`
 * or `stream` is refused, since it might mean all or none.
 */
export const filterShape = {
  stream: z
    .enum(['stdout', 'stderr'], { error: 'must be stdout or stderr' })
    .meta({ description: 'Lines of this stream only.' })
    .optional(),
  level: levels.optional(),
  q: text
    .meta({ description: 'Lines that contain this text; smart case: case-insensitive unless it contains a capital.' })
    .optional(),
  not: text.meta({ description: 'Lines that do not contain this text; smart case as `q`.' }).optional(),
  re: text.meta({ description: 'Lines in which this RE2 pattern matches.', format: 're2' }).optional(),
}

export type FilterQuery = z.infer<z.ZodObject<typeof filterShape>>

/** The filter of what `readQuery` read. Throws `HttpProblem` 400. */
export async function readFilter({ level, ...texts }: FilterQuery): Promise<Filter> {
  if (texts.re) {
    await loadPatterns()
    // Many requests may come in one turn of the event loop, and some patterns take milliseconds to compile.
    while (filtering.isOver) await filtering.next()
  }
  try {
    return await compileFilter({ levels: level, stream: texts.stream, q: texts.q, not: texts.not, re: texts.re })
  } catch (error) {
    if (!(error instanceof FilterError)) throw error
    const { parameter, message } = error
    throw new HttpProblem(400, `Parameter "${parameter}" ${message}.`, { parameter })
  }
}
