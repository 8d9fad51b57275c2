/**
 * A Docker engine as tests use it: runs containers that write exactly what they are told, and removes them in the end.
 * Works on a private daemon and on any other that sees this machine's files (writers are fed through a bind mount).
 */
import { randomBytes } from 'node:crypto'
import { EngineApi } from './api.ts'
import { type Container, createContainer, type RunOptions } from './container.ts'
import { ensureBusybox } from './image.ts'

export interface EngineOptions {
  /** Path of the engine's unix socket. */
  socket: string
  /** A directory for the containers' pipes. */
  scratch: string
}

export class Engine {
  readonly socket: string
  readonly scratch: string
  readonly api: EngineApi
  readonly #containers = new Set<Container>()
  #images: Promise<void> | undefined

  constructor({ socket, scratch }: EngineOptions) {
    this.socket = socket
    this.scratch = scratch
    this.api = new EngineApi(socket)
  }

  /** Creates and starts a container. Test files share an engine: use `uniqueName()` unless the name matters. */
  async run(options: RunOptions): Promise<Container> {
    const container = await this.create(options)
    try {
      await container.start()
      return container
    } catch (error) {
      await container.remove()
      throw error
    }
  }

  /** Creates a container without starting it. */
  async create(options: RunOptions): Promise<Container> {
    this.#images ??= ensureBusybox(this.api)
    await this.#images
    const container = await createContainer(this.api, this.scratch, options, (gone) => this.#containers.delete(gone))
    this.#containers.add(container)
    return container
  }

  /** Removes all that was run here, running or not. */
  async close(): Promise<void> {
    await Promise.all([...this.#containers].map((container) => container.remove()))
  }
}

/** A name no other test has. */
export function uniqueName(stem = 'web'): string {
  return `${stem}-${randomBytes(4).toString('hex')}`
}
