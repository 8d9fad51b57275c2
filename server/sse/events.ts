/**
 * Events as they go over the wire, each written once however many sessions it goes to. Data arrives here as finished
 * JSON, which has no line breaks, and ids are ours, so better-sse has nothing to serialise or to clean.
 */
import { createEventBuffer, type EventBuffer } from 'better-sse'
import type { MergedMatch } from '../feed/merged-search.ts'
import { type Between, positionAfter } from '../feed/ring.ts'
import { cursorOf, formatCursor } from '../logs/cursor.ts'
import { type LogLine, linesToJson } from '../logs/line.ts'
import type { Range } from '../logs/ranges.ts'
import type { ContainersEvent, SearchDone, SearchProgress, StateEvent } from '../wire.ts'

const FINISHED = { serializer: (data: unknown) => String(data), sanitizer: (text: string) => text }

/** An empty buffer for one event. */
export function bufferOf(): EventBuffer {
  return createEventBuffer(FINISHED)
}

/** `message`: an array of lines of one incarnation; the id is the cursor of the last. */
export function messageEvent(incarnation: string, lines: readonly LogLine[]): EventBuffer {
  const last = lines.at(-1)
  const buffer = bufferOf().event('message')
  if (last) buffer.id(formatCursor(cursorOf(incarnation, last)))
  return buffer.data(`[${linesToJson(lines)}]`).dispatch()
}

/** A line of a merged stream. */
export interface MergedLine {
  readonly container: string
  readonly incarnation: string
  readonly line: LogLine
  /** It came after a later one of another container had gone out. */
  readonly late: boolean
}

/** `message` of a merged stream: lines of any containers, each with its own; `id` is the position in all of them. */
export function mergedMessageEvent(lines: readonly MergedLine[], id: string): EventBuffer {
  const origin = ({ container, incarnation, late }: MergedLine) =>
    `,"container":${JSON.stringify(container)},"incarnation":"${incarnation}"${late ? ',"late":true' : ''}`
  return messageOf(lines, origin, id)
}

/** `message` of lines of which there is more to say than the wire's `Line` does. */
function messageOf<T extends { readonly line: LogLine }>(all: readonly T[], more: (each: T) => string, id: string) {
  const lines = all.map(({ line }) => line)
  const json = linesToJson(lines, (index) => more(all[index] as T))
  return bufferOf().event('message').id(id).data(`[${json}]`).dispatch()
}

/** What stands in a ring between lines: `state` or `gap`, with the position after it as its id, where it moves that. `''`: none. */
export function betweenLines(entry: Between, id: string | undefined = idAfter(entry)): EventBuffer {
  const buffer = bufferOf().event(entry.kind)
  if (id) buffer.id(id)
  return buffer.data(JSON.stringify(entry.event)).dispatch()
}

function idAfter(entry: Between): string | undefined {
  const after = positionAfter(entry)
  return after && formatCursor(after)
}

export function stateEvent(event: StateEvent): EventBuffer {
  return betweenLines({ kind: 'state', event })
}

/** `live`: the backlog is complete. */
export function liveEvent(id: string | undefined): EventBuffer {
  const buffer = bufferOf().event('live')
  if (id !== undefined) buffer.id(id)
  return buffer.data('{}').dispatch()
}

/** Nothing to show, and a position to resume from: by the SSE specification an id without data does just that. */
export function idEvent(id: string): EventBuffer {
  return bufferOf().id(id).dispatch()
}

export interface FoundLine extends MergedMatch {
  readonly ranges: readonly Range[]
}

/** `message` of a search; `id` is where another goes on. With the lines around each, and its container, where that was asked for. */
export function foundEvent(found: readonly FoundLine[], shown: { context: boolean; container: boolean }, id: string) {
  const more = ({ line, before, after, container, incarnation, ranges }: FoundLine) => {
    const cursor = formatCursor(cursorOf(incarnation, line))
    const origin = shown.container ? `,"container":${JSON.stringify(container)}` : ''
    const context = shown.context ? `,"before":[${linesToJson(before)}],"after":[${linesToJson(after)}]` : ''
    return `,"cursor":"${cursor}"${origin},"ranges":${JSON.stringify(ranges)}${context}`
  }
  return messageOf(found, more, id)
}

/** `id` empty: nothing is to be resumed from. */
export function progressEvent(progress: SearchProgress, id: string): EventBuffer {
  const buffer = bufferOf().event('progress')
  if (id !== '') buffer.id(id)
  return buffer.data(JSON.stringify(progress)).dispatch()
}

/** The last event of a search; `retryMs`: when an EventSource, which never takes an end for one, asks again. */
export function doneEvent(done: SearchDone, id: string, retryMs: number): EventBuffer {
  return bufferOf().event('done').id(id).data(JSON.stringify(done)).retry(retryMs).dispatch()
}

/** The last event of a stream that Sluice ends, as it does when it stops; `retryMs`: when the client may come back. */
export function endEvent(retryMs: number): EventBuffer {
  return bufferOf().event('end').data('{}').retry(retryMs).dispatch()
}

export function containersEvent(event: ContainersEvent): EventBuffer {
  return bufferOf().event('containers').data(JSON.stringify(event)).dispatch()
}
