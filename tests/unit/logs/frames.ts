/** Bytes as engines send them, made by hand, and the ways they can be cut on the way. */
import fc from 'fast-check'
import { type Damage, isLines } from '../../../server/logs/damage.ts'
import type { LineDecoder } from '../../../server/logs/decoder.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import { timeFromNanoseconds } from '../../../server/logs/time.ts'
import type { Stream } from '../../../server/wire.ts'

const START = 1_795_341_723_114_000_000n // 2026-11-22T10:02:03.114Z

/** The time `nanoseconds` after the start of all fixtures, as Docker prints it. */
export function at(nanoseconds: number): string {
  return timeFromNanoseconds(START + BigInt(nanoseconds))
}

/** A frame of the multiplexed form. A number as `kind` is for what no engine should send. */
export function frame(kind: Stream | number, payload: string | Buffer): Buffer {
  const body = Buffer.from(payload)
  const header = Buffer.alloc(8)
  header[0] = kind === 'stdout' ? 1 : kind === 'stderr' ? 2 : kind
  header.writeUInt32BE(body.length, 4)
  return Buffer.concat([header, body])
}

/** `<time> <text>` as the payload of a frame; the newline, if any, is the text's. */
export function stamped(time: string, text: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${time} `), Buffer.from(text)])
}

export function decode(decoder: LineDecoder, chunks: readonly Buffer[]): LogLine[] {
  const lines = chunks.flatMap((chunk) => decoder.push(chunk))
  return [...lines, ...decoder.end()]
}

/** Lines, and what is damaged in its place among them, as reads of a log give them; neighbouring lines together. */
export function decodeAll(decoder: LineDecoder, chunks: readonly Buffer[]): (Plain | Damage)[] {
  const all = chunks.flatMap((chunk) => decoder.damage.among(decoder.push(chunk)))
  all.push(...decoder.damage.among(decoder.end()))
  const rest = decoder.damage.take()
  return [...all, ...(rest ? [rest] : [])].flatMap((chunk): (Plain | Damage)[] =>
    isLines(chunk) ? plain(chunk) : [chunk],
  )
}

/** `bytes` cut at `points`. */
export function cutAt(bytes: Buffer, points: readonly number[]): Buffer[] {
  const borders = [0, ...points.toSorted((a, b) => a - b), bytes.length]
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end))
}

/** Every way to cut `bytes` once, and all at once: byte by byte. */
export function* everyCut(bytes: Buffer): Generator<Buffer[]> {
  for (let point = 0; point <= bytes.length; point++) yield cutAt(bytes, [point])
  yield [...bytes].map((byte) => Buffer.of(byte))
}

/** Up to a dozen random points to cut `bytes` at. */
export function cutPoints(bytes: Buffer): fc.Arbitrary<number[]> {
  return fc.array(fc.nat(bytes.length), { maxLength: 12 })
}

/** What is looked at of a line where its level does not matter. */
export type Plain = [time: string, stream: Stream, message: string, ordinal?: number]

export function plain(lines: readonly LogLine[]): Plain[] {
  return lines.map(({ time, stream, message, ordinal }) =>
    ordinal === 0 ? [time, stream, message] : [time, stream, message, ordinal],
  )
}
