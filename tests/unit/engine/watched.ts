/** An engine as Sluice sees it, on a fake one: with what it said of containers, and what it logged. */
import { once } from 'node:events'
import { pino } from 'pino'
import { onTestFinished, vi } from 'vitest'
import { DockerEngine } from '../../../server/engine/docker-engine.ts'
import type { Happening } from '../../../server/engine/engine.ts'
import type { Host } from '../../../server/wire.ts'
import type { FakeEngine } from '../../engine/fake-engine.ts'

/** As docker-socket-proxy answers. */
export const FORBIDDEN = {
  status: 403,
  headers: { 'Content-Type': 'text/html' },
  body: '<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n',
}

export class Watched {
  readonly engine: DockerEngine
  readonly happened: Happening[] = []
  /** Every host state so far, in order. */
  readonly states: Host['state'][] = []
  /** Warnings, as text. */
  readonly warnings: string[] = []

  constructor(fake: FakeEngine) {
    const write = (line: string) => void this.warnings.push(line)
    this.engine = new DockerEngine({
      endpoints: async () => [{ address: 'unix:///fake', socketPath: fake.socket }],
      log: pino({ level: 'warn' }, { write }),
    })
    this.engine.setMaxListeners(0)
    this.engine.on('happened', (happening) => this.happened.push(happening))
    this.engine.on('change', ({ hosts }) => {
      const state = hosts?.[0]?.state
      if (state && state !== this.states.at(-1)) this.states.push(state)
    })
    onTestFinished(() => this.engine.close())
  }

  get host(): Host {
    return this.engine.hosts()[0]!
  }

  get names(): string[] {
    return this.engine.containers().map(({ name }) => name)
  }

  /** `web died`, ... in the order in which they were told. */
  get told(): string[] {
    return this.happened.map(({ key, state, to }) => `${key} ${state}${to === undefined ? '' : ` ${to}`}`)
  }

  async connected(): Promise<this> {
    while (this.host.state !== 'connected') await once(this.engine, 'change')
    return this
  }

  /** Until what `check` expects is so. */
  until(check: () => void): Promise<void> {
    return vi.waitFor(check, { timeout: 10_000, interval: 20 })
  }
}
