/**
 * How a test file gets an engine: the run's shared one, or a daemon of its own that it may stop, kill and restart. Both are
 * left clean when the file ends.
 */
import { afterAll, beforeAll, inject } from 'vitest'
import { type Daemon, type DaemonOptions, startDaemon } from './daemon.ts'
import { Engine } from './engine.ts'

/** At a file's top level. The containers it runs are removed after the file's last test. */
export function useEngine(): Engine {
  const engine = new Engine(inject('engine'))
  afterAll(() => engine.close())
  return engine
}

/** At a file's or suite's top level: `const own = useOwnDaemon({ liveRestore: true })`, then `own.daemon` and `own.engine` in tests. */
export function useOwnDaemon(options: DaemonOptions = {}): { readonly daemon: Daemon; readonly engine: Engine } {
  let started: { daemon: Daemon; engine: Engine } | undefined
  beforeAll(async () => {
    const daemon = await startDaemon(options)
    started = { daemon, engine: daemon.engine() }
  })
  afterAll(async () => {
    await started?.engine.close().catch(() => {}) // Fails when a test left the daemon dead; dispose() does not.
    await started?.daemon.dispose()
  })
  const get = () => {
    if (started === undefined) throw new Error('the daemon starts with the first test')
    return started
  }
  return {
    get daemon() {
      return get().daemon
    },
    get engine() {
      return get().engine
    },
  }
}
