/**
 * `GET /api/containers/:key/logs/download` and `GET /api/logs/download`: logs as files, of any size, made while they are
 * sent. Of several containers it is a zip with a file each, and a note beside each file that lacks lines: an archive that
 * breaks off cannot be opened at all.
 */
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Request, RequestHandler, Response } from 'express'
import { ZipFile } from 'yazl'
import * as z from 'zod'
import type { Feeds } from '../feed/feeds.ts'
import type { GapEvent } from '../wire.ts'
import { clientGone } from './client-gone.ts'
import { engineProblem } from './engine-problem.ts'
import { readFilter } from './filter-query.ts'
import { gapSentence } from './gap-text.ts'
import { findLines, type LinesFormat, type LinesQuery, linesShape, openLines } from './lines.ts'
import { CONTENT_TYPE, timestamps } from './log-lines.ts'
import { HttpProblem } from './problem.ts'
import { readQuery } from './query.ts'
import { endTurn } from './request-turns.ts'
import { findSelected, REPEATABLE, selectedKeys, selectionOf, selectionShape } from './selection-query.ts'
import { sendTexts } from './send-texts.ts'

/** Of an answer that is a pipeline's end, beside Express's own; Node warns of more than ten. */
const MOST_LISTENERS = 20

const EXTENSION = { text: 'log', ndjson: 'ndjson', zip: 'zip' } as const

const formatOf = <Name extends keyof typeof EXTENSION>(...names: Name[]) =>
  z.enum(names, { error: `must be one of ${names.join(', ')}` }).meta({ description: 'What the file is.' })

const shape = {
  ...linesShape,
  timestamps: timestamps.optional(),
}

export const downloadQuery = { format: formatOf('text', 'ndjson', 'zip').optional(), ...shape }

export const downloadsQuery = { format: formatOf('text', 'ndjson').optional(), ...selectionShape, ...shape }

export function downloadRoute(feeds: Feeds): RequestHandler<{ key: string }> {
  return async (req, res) => {
    const { key } = req.params
    const { format = 'text', ...query } = readQuery(req as Request, downloadQuery)
    if (format === 'zip') return sendZip([key], 'text', attachment(key, 'zip'), { feeds, query }, req as Request, res)
    const options = {
      open: (signal: AbortSignal) => openLines(feeds, key, format, query, signal),
      look: () => findLines(feeds, key, query),
      headers: { 'Content-Type': CONTENT_TYPE[format], 'Content-Disposition': attachment(key, format) },
      mayZip: true,
    }
    await sendTexts(options, req as Request, res)
  }
}

export function downloadsRoute(feeds: Feeds): RequestHandler {
  return async (req, res) => {
    const { format = 'text', container, project, label, ...query } = readQuery(req, downloadsQuery, REPEATABLE)
    await feeds.engine.ready
    const selection = selectionOf({ container, project, label })
    await findSelected(feeds.engine, selection)
    const keys = selectedKeys(feeds.engine, selection)
    await sendZip(
      keys,
      format,
      attachment(project?.length === 1 ? project[0] : 'logs', 'zip'),
      { feeds, query },
      req,
      res,
    )
  }
}

/** A file for each container; of one whose log cannot be read, a file that says why. */
async function sendZip(
  keys: readonly string[],
  format: LinesFormat,
  disposition: string,
  { feeds, query }: { feeds: Feeds; query: LinesQuery },
  req: Request,
  res: Response,
): Promise<void> {
  const gone = clientGone(res)
  const begin = () =>
    res.set({ 'Content-Type': 'application/zip', 'Content-Disposition': disposition, 'Cache-Control': 'no-store' })
  const [only] = keys
  if (req.method === 'HEAD') {
    await (only !== undefined && keys.length === 1 ? findLines(feeds, only, query) : readFilter(query))
    return void begin().end()
  }
  const files: ZippedLog[] = []
  for (const key of keys) {
    const missing = new Missing()
    const lines = await openLines(feeds, key, format, query, gone, missing.add).catch((error: unknown) => {
      if (keys.length === 1 || !(error instanceof HttpProblem) || error.status === 400) throw error
      return error
    })
    files.push({ key, lines, missing })
  }
  begin()
  endTurn(res)
  res.setMaxListeners(MOST_LISTENERS)
  const zip = new ZipFile()
  zip.on('error', (error: Error) => res.destroy(error))
  try {
    await Promise.all([pipeline(zip.outputStream, res), fill(zip, files, format, gone)])
  } catch (error) {
    if (!gone.aborted) throw error
  }
}

interface ZippedLog {
  readonly key: string
  /** The problem, where it cannot be read. */
  readonly lines: AsyncGenerator<string> | HttpProblem
  readonly missing: Missing
}

/** One after the other, as the archive is taken, since only a log's end tells whether it needs a note. */
async function fill(zip: ZipFile, files: readonly ZippedLog[], format: LinesFormat, signal: AbortSignal) {
  for (const { key, lines, missing } of files) {
    if (lines instanceof HttpProblem) {
      zip.addBuffer(Buffer.from(`${lines.message}\n`), `${plain(key)}.unreadable.txt`)
      continue
    }
    const name = `${plain(key)}.${EXTENSION[format]}`
    const content = Readable.from(missing.until(lines, signal))
    const ended = once(content, 'end', { signal })
    zip.addReadStreamLazy(name, { forceZip64Format: true }, (take) => take(null, content))
    await ended.finally(() => content.destroy())
    const { note } = missing
    if (note !== undefined) zip.addBuffer(Buffer.from(`${name} is incomplete.\n${note}`), `${name}.INCOMPLETE.txt`)
  }
  zip.end()
}

/** Sentences of a note; of a log that is damaged everywhere there may be more. */
const MOST_SENTENCES = 100

/** What a file in an archive lacks, in sentences. */
class Missing {
  readonly #sentences: string[] = []
  #count = 0

  add = (gap: GapEvent): void => {
    this.#add(gapSentence(gap))
  }

  /** The lines up to where they cannot be read any further. */
  async *until(lines: AsyncGenerator<string>, signal: AbortSignal): AsyncGenerator<string> {
    try {
      yield* lines
    } catch (error) {
      const problem = error instanceof HttpProblem ? error : engineProblem(error)
      if (signal.aborted || !problem) throw error
      this.#add(`The end is missing: ${problem.message}`)
    }
  }

  get note(): string | undefined {
    if (this.#count === 0) return undefined
    const more = this.#count - this.#sentences.length
    return [...this.#sentences, ...(more > 0 ? [`Lines are missing in ${more} more places.`] : []), ''].join('\n')
  }

  #add(sentence: string): void {
    this.#count++
    if (this.#sentences.length < MOST_SENTENCES) this.#sentences.push(sentence)
  }
}

/** `attachment; filename="web_2026-11-22T10-00-00Z.log"` */
function attachment(what: string | undefined, format: keyof typeof EXTENSION): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-')
  return `attachment; filename="${plain(what ?? 'logs')}_${time}Z.${EXTENSION[format]}"`
}

/** Engines give names that are plain; whoever lies about them gets no path out of it. */
function plain(name: string): string {
  return name.replaceAll(/[^\w.@-]/g, '_').replace(/^\.+/, '_')
}
