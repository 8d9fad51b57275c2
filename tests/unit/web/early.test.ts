/** The script that runs before the page's module: it asks for the very stream that the module wants. */
import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressOf } from '../../../web/frame/place.ts'
import { LogSession } from '../../../web/log/session.ts'

const script = readFileSync(new URL('../../../web/public/early.js', import.meta.url), 'utf8')

/** Runs the script on a page at `path`; returns the addresses it opened, whether they are open 5 s later, and the theme it set. */
function run(path: string, base: string, stored: () => string | null = () => null, visibilityState = 'visible') {
  const url = new URL(path, 'http://host')
  const opened: string[] = []
  const window: { sluiceEarly?: { taken: AbortController } } = {}
  let isOpen = true
  let later = () => {}
  let theme: string | undefined
  class EventSource {
    constructor(address: string) {
      opened.push(address)
    }
    addEventListener(): void {}
    close(): void {
      isOpen = false
    }
  }
  runInNewContext(script, {
    URL,
    AbortController,
    EventSource,
    window,
    setTimeout: (run: () => void) => (later = run),
    location: { pathname: url.pathname, search: url.search },
    localStorage: { getItem: stored },
    document: {
      visibilityState,
      baseURI: `http://host${base}`,
      documentElement: { setAttribute: (_: string, value: string) => (theme = value) },
    },
  })
  return {
    opened,
    theme,
    take: () => window.sluiceEarly?.taken.abort(),
    isOpenLater: () => {
      later()
      return isOpen
    },
  }
}

describe('early script', () => {
  it('opens the stream that the page asks for, whatever the container is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.constantFrom('/', '/sluice/'), (key, base) => {
        fc.pre(!/^\.{1,2}$/.test(key))
        const path = new URL(addressOf({ view: 'container', key }), `http://host${base}`).pathname
        expect(run(path, base).opened).toEqual([new LogSession(key, new Date()).address()])
      }),
    )
  })

  it('opens the list of containers on the overview', () => {
    expect(run('/', '/').opened).toEqual(['api/events'])
    expect(run('/sluice/', '/sluice/').opened).toEqual(['api/events'])
  })

  it('opens nothing for a view with a query, which the page alone can read', () => {
    expect(run('/containers/web?q=timeout', '/').opened).toEqual([])
  })

  it('opens nothing in a tab that nobody sees yet', () => {
    expect(run('/containers/web', '/', undefined, 'hidden').opened).toEqual([])
  })

  it('gives its stream back where the page does not come for it', () => {
    expect(run('/', '/').isOpenLater()).toBe(false)
    const early = run('/', '/')
    early.take()
    expect(early.isOpenLater()).toBe(true)
  })

  it('sets the chosen theme, and survives storage that is denied', () => {
    expect(run('/', '/', () => 'dark').theme).toBe('dark')
    expect(run('/', '/', () => '"><script>').theme).toBeUndefined()
    const denied = () => {
      throw new Error('denied')
    }
    expect(run('/', '/', denied).opened).toHaveLength(1)
  })
})
