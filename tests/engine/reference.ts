/**
 * The reference for every promise about lines: reads what `docker logs --timestamps` sends, whole and slowly, in the
 * plainest way there is. Shares no code with the server, whose reading it judges.
 */

export interface ReferenceLine {
  /** RFC 3339 with nanoseconds, as Docker wrote it: the time of the line's first piece. */
  time: string
  stream: 'stdout' | 'stderr'
  /** The bytes without the newline (and without the `\r` of a TTY). */
  bytes: Buffer
  /** The same as text; invalid UTF-8 as U+FFFD. */
  text: string
}

export interface ReferenceFrame {
  stream: 'stdout' | 'stderr'
  payload: Buffer
}

const NEWLINE = 0x0a
const RETURN = 0x0d
const SPACE = 0x20

/** The lines of a whole log that was read with `timestamps=true`. A last line without newline counts. */
export function referenceLines(log: Buffer, tty: boolean): ReferenceLine[] {
  return tty ? ttyLines(log) : framedLines(log)
}

/** Engine API, "Attach to a container", stream format: stream type, three zeros, length as 32 bits big endian, payload. */
export function referenceFrames(log: Buffer): ReferenceFrame[] {
  const frames: ReferenceFrame[] = []
  for (let at = 0; at < log.length; ) {
    const length = log.readUInt32BE(at + 4)
    frames.push({ stream: log[at] === 2 ? 'stderr' : 'stdout', payload: log.subarray(at + 8, at + 8 + length) })
    at += 8 + length
  }
  return frames
}

/**
 * Every frame begins with a time; one of 16 KiB without a newline at its end is a piece, which the stream's next frame
 * continues. A shorter one is what the container had written of a line when it ended.
 */
function framedLines(log: Buffer): ReferenceLine[] {
  const lines: ReferenceLine[] = []
  const open: { stdout?: { time: string; pieces: Buffer[] }; stderr?: { time: string; pieces: Buffer[] } } = {}
  for (const { stream, payload } of referenceFrames(log)) {
    const { time, rest } = splitTime(payload)
    const ends = rest.at(-1) === NEWLINE
    const complete = ends || rest.length < PIECE_BYTES
    const line = open[stream] ?? { time, pieces: [] }
    line.pieces.push(ends ? rest.subarray(0, -1) : rest)
    open[stream] = line
    if (!complete) continue
    delete open[stream]
    lines.push(toLine(line.time, stream, Buffer.concat(line.pieces)))
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    const line = open[stream]
    if (line) lines.push(toLine(line.time, stream, Buffer.concat(line.pieces)))
  }
  return lines
}

/** Without frames, pieces cannot be told from lines but by the newline. A piece's time stands in the middle of its line: taken out. */
function ttyLines(log: Buffer): ReferenceLine[] {
  const lines: ReferenceLine[] = []
  for (let at = 0; at < log.length; ) {
    const newline = log.indexOf(NEWLINE, at)
    const end = newline === -1 ? log.length : newline
    for (const row of runsOf(log.subarray(at, end))) {
      const { time, rest } = splitTime(row)
      // Only here, as the border of two pieces may stand between `\r` and `\n`.
      const text = withoutPieceTimes(rest)
      lines.push(toLine(time, 'stdout', text.at(-1) === RETURN ? text.subarray(0, -1) : text))
    }
    at = end + 1
  }
  return lines
}

/** Of a row on which a container's end left a line without a newline, the lines: each begins with a later time. */
function runsOf(row: Buffer): Buffer[] {
  const text = row.toString('latin1')
  const starts = [0]
  for (const { 0: time, index } of text.matchAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z /g)) {
    const start = starts.at(-1) ?? 0
    if (index > start + TIME_BYTES && time > text.slice(start, start + TIME_BYTES)) starts.push(index)
  }
  return starts.map((start, index) => row.subarray(start, starts[index + 1]))
}

/** Docker cuts at 16 KiB exactly, so a continued line has a time at each multiple of it. */
const PIECE_BYTES = 16 * 1024
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z $/
const TIME_BYTES = '2026-01-01T00:00:00.000000000Z '.length

function withoutPieceTimes(line: Buffer): Buffer {
  const pieces: Buffer[] = []
  let at = 0
  while (line.length - at > PIECE_BYTES) {
    const end = at + PIECE_BYTES
    pieces.push(line.subarray(at, end))
    at = TIME.test(line.subarray(end, end + TIME_BYTES).toString('latin1')) ? end + TIME_BYTES : end
  }
  return Buffer.concat([...pieces, line.subarray(at)])
}

function splitTime(payload: Buffer): { time: string; rest: Buffer } {
  const space = payload.indexOf(SPACE)
  return { time: payload.subarray(0, space).toString('latin1'), rest: payload.subarray(space + 1) }
}

function toLine(time: string, stream: ReferenceLine['stream'], bytes: Buffer): ReferenceLine {
  return { time, stream, bytes, text: bytes.toString() }
}
