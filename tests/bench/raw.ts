/** The reference: Docker's own log follow over its socket, read as cheaply as Node can. */
import type { IncomingMessage } from 'node:http'
import type { Container } from '../engine/container.ts'
import type { Engine } from '../engine/engine.ts'

export function openRaw(engine: Engine, container: Container, tail: number): Promise<IncomingMessage> {
  return open(engine, container, { tail })
}

/** From a time on, unix seconds, as `docker logs --since` asks for it. */
export function openRawSince(engine: Engine, container: Container, since: string): Promise<IncomingMessage> {
  return open(engine, container, { since })
}

function open(engine: Engine, container: Container, query: { tail: number } | { since: string }) {
  return engine.api.open({
    path: `/containers/${container.id}/logs`,
    query: { follow: true, stdout: true, stderr: true, timestamps: true, ...query },
  })
}

const HEADER_BYTES = 8

/** Counts frames by stepping from header to header; each of the bench's lines is one. */
export class FrameCounter {
  #skip = 0
  #carried: Buffer | undefined

  /** The frames that begin in `chunk`. */
  push(chunk: Buffer): number {
    const data = this.#carried ? Buffer.concat([this.#carried, chunk]) : chunk
    this.#carried = undefined
    let frames = 0
    let at = this.#skip
    while (at + HEADER_BYTES <= data.length) {
      frames++
      at += HEADER_BYTES + data.readUInt32BE(at + 4)
    }
    this.#skip = Math.max(0, at - data.length)
    if (at < data.length) this.#carried = data.subarray(at)
    return frames
  }
}
