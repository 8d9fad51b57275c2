/**
 * Events as they go over the wire, each written once however many sessions it goes to. Data arrives here as finished
 * JSON, which has no line breaks, and ids are ours, so better-sse has nothing to serialise or to clean.
 */
import { createEventBuffer, type EventBuffer } from 'better-sse'
import type { Entry } from '../feed/ring.ts'
import { cursorOf, formatCursor } from '../logs/cursor.ts'
import { type LogLine, lineToJson } from '../logs/line.ts'
import type { ContainersEvent, GapEvent, StateEvent } from '../wire.ts'

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
  return buffer.data(`[${lines.map(lineToJson).join(',')}]`).dispatch()
}

/** What stands in a ring between lines. */
export function betweenLines(entry: Exclude<Entry, { kind: 'lines' }>): EventBuffer {
  return entry.kind === 'state' ? stateEvent(entry.event) : gapEvent(entry.event)
}

export function stateEvent(event: StateEvent): EventBuffer {
  return bufferOf().event('state').data(JSON.stringify(event)).dispatch()
}

/** `gap`: its id is the cursor after the gap, where there is one. */
export function gapEvent(event: GapEvent): EventBuffer {
  return bufferOf().event('gap').data(JSON.stringify(event)).dispatch()
}

/** `live`: the backlog is complete. */
export function liveEvent(cursor: string): EventBuffer {
  const buffer = bufferOf().event('live')
  if (cursor !== '') buffer.id(cursor)
  return buffer.data('{}').dispatch()
}

export function containersEvent(event: ContainersEvent): EventBuffer {
  return bufferOf().event('containers').data(JSON.stringify(event)).dispatch()
}
