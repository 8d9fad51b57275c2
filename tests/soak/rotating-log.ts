/**
 * The whole log of a container whose driver throws the oldest away, or whose file is emptied: read from the files of
 * `json-file` as they are written, which no fault and no dead daemon can stop. Knows until when each line could be read.
 */
import { closeSync, fstatSync, openSync, readSync, statSync, truncateSync } from 'node:fs'
import { ReferenceLog } from './reference-log.ts'

/** Two rotations between two looks would lose a file where only two are kept: writers are slower than that by far. */
const LOOK_MS = 20
const READ_BYTES = 256 * 1024

interface OpenFile {
  readonly inode: number
  readonly fd: number
  at: number
  /** A line of JSON whose end has not been read. */
  rest: Buffer
  /** How many lines there were, up to the last of this file. */
  end: number
}

export class RotatingLog {
  readonly reference = new ReferenceLog()
  readonly #path: string
  readonly #kept: number
  /** The files that exist, oldest first; the last is being written. */
  #files: OpenFile[] = []
  /** From when on the lines below `below` could not be had any more. */
  readonly #losses: { below: number; at: number }[] = []
  readonly #timer: NodeJS.Timeout

  /** `path`: of the file being written; `kept`: how many there may be with it. */
  constructor(path: string, kept: number) {
    this.#path = path
    this.#kept = kept
    this.#timer = setInterval(() => this.look(), LOOK_MS)
    this.look()
  }

  /** Reads what there is. */
  look(): void {
    const inodes = this.#still()
    for (const { path, inode } of inodes) {
      if (this.#files.some((file) => file.inode === inode)) continue
      // The files before it have got all they will get.
      for (const file of this.#files) this.#read(file)
      if (this.#open(path, inode)) continue
      this.look() // it was rotated meanwhile
      return
    }
    for (const file of this.#files) this.#read(file)
    while (this.#files.length > 0 && !inodes.some(({ inode }) => inode === this.#files[0]?.inode)) {
      const gone = this.#files.shift()
      if (!gone) break
      closeSync(gone.fd)
      this.#losses.push({ below: gone.end, at: Date.now() })
    }
  }

  /** Truncates the only file to nothing. Meanwhile nobody writes. */
  empty(): void {
    this.look()
    const [file] = this.#files
    if (!file || this.#files.length > 1) throw new Error(`${this.#path} is not the log's only file`)
    truncateSync(this.#path)
    Object.assign(file, { at: 0, rest: Buffer.alloc(0) })
    this.#losses.push({ below: file.end, at: Date.now() })
  }

  /** The line at `index` could not be had any more at `at` (Unix ms). */
  isGone(index: number, at: number): boolean {
    return this.#losses.some((loss) => index < loss.below && loss.at <= at)
  }

  close(): void {
    clearInterval(this.#timer)
    this.look()
    for (const { fd } of this.#files) closeSync(fd)
    this.#files = []
    this.reference.end()
  }

  /** The files, looked at until two looks agree: one that a rotation hid from the first would be taken for the newest later. */
  #still(): { path: string; inode: number }[] {
    for (let before = this.#inodes(); ; ) {
      const now = this.#inodes()
      if (now.length === before.length && now.every(({ inode }, index) => inode === before[index]?.inode)) return now
      before = now
    }
  }

  /** Oldest first. A rotation can happen while we look: a file then appears twice, or not. */
  #inodes(): { path: string; inode: number }[] {
    const found: { path: string; inode: number }[] = []
    for (let number = this.#kept - 1; number >= 0; number--) {
      const path = number === 0 ? this.#path : `${this.#path}.${number}`
      const inode = statSync(path, { throwIfNoEntry: false })?.ino
      if (inode !== undefined && !found.some((other) => other.inode === inode)) found.push({ path, inode })
    }
    return found
  }

  /** Whether it was still that file. */
  #open(path: string, inode: number): boolean {
    let fd: number
    try {
      fd = openSync(path, 'r')
    } catch {
      return false
    }
    const isSame = fstatSync(fd).ino === inode
    if (isSame) this.#files.push({ inode, fd, at: 0, rest: Buffer.alloc(0), end: 0 })
    else closeSync(fd)
    return isSame
  }

  #read(file: OpenFile): void {
    const chunk = Buffer.alloc(READ_BYTES)
    for (let size = readSync(file.fd, chunk, 0, READ_BYTES, file.at); size > 0; ) {
      file.at += size
      this.#take(file, Buffer.concat([file.rest, chunk.subarray(0, size)]))
      size = readSync(file.fd, chunk, 0, READ_BYTES, file.at)
    }
  }

  #take(file: OpenFile, bytes: Buffer): void {
    let at = 0
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, at)) {
      const { log, stream, time } = JSON.parse(bytes.toString('utf8', at, end)) as JsonLine
      this.reference.piece(time, stream, Buffer.from(log))
      at = end + 1
    }
    file.rest = bytes.subarray(at)
    file.end = this.reference.lines.length
  }
}

/** moby: daemon/logger/jsonfilelog/jsonlog. */
interface JsonLine {
  readonly log: string
  readonly stream: 'stdout' | 'stderr'
  readonly time: string
}
