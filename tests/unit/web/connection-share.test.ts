/** Tabs of one browser, whose messages take a while, and the streams that they hold. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Channel, ConnectionShare } from '../../../web/api/connection-share.ts'

const MOST = 4
const SETTLED_MS = 1_000

/** A browser: what a tab does, and which of them hold a stream. */
class Browser {
  readonly #tabs = new Map<number, Tab>()
  /** How long the next messages take, in ms, over and over. */
  #latencies: readonly number[]
  #sent = 0

  constructor(latencies: readonly number[] = [1]) {
    this.#latencies = latencies
  }

  /** Turns to a tab: opens it, shows it, or gives it the focus. */
  show(name: number): void {
    vi.advanceTimersByTime(1) // nobody turns to two at once
    const tab = this.#tabs.get(name) ?? this.#open(name)
    tab.isHidden = false
    tab.holds = true
    for (const other of this.#tabs.values()) other.claimedSince.add(name)
    tab.claimedSince.clear()
    tab.share.claim()
  }

  hide(name: number): void {
    const tab = this.#tabs.get(name)
    if (tab === undefined || tab.isHidden) return
    tab.isHidden = true
    tab.share.hidden()
  }

  close(name: number): void {
    const tab = this.#tabs.get(name)
    tab?.share.left()
    if (tab) tab.channel.onmessage = null
    this.#tabs.delete(name)
  }

  get holding(): readonly number[] {
    return [...this.#tabs].flatMap(([name, { holds }]) => (holds ? [name] : []))
  }

  get seen(): readonly number[] {
    return [...this.#tabs].flatMap(([name, { isHidden }]) => (isHidden ? [] : [name]))
  }

  /** Tabs that others may not have driven out: seen, and fewer were turned to since than there may be. */
  get safe(): readonly number[] {
    return this.seen.filter((name) => (this.#tabs.get(name)?.claimedSince.size ?? 0) < MOST)
  }

  #open(name: number): Tab {
    /** When the last message to each tab arrives: none overtakes another. */
    const arrivals = new Map<Tab, number>()
    const channel: Channel = {
      onmessage: null,
      postMessage: (data) => {
        for (const other of this.#tabs.values()) {
          if (other.channel === channel) continue
          const latency = this.#latencies[this.#sent++ % this.#latencies.length] ?? 0
          const arrival = Math.max(Date.now() + latency, arrivals.get(other) ?? 0)
          arrivals.set(other, arrival)
          setTimeout(() => other.channel.onmessage?.({ data }), arrival - Date.now())
        }
      },
    }
    const tab: Tab = {
      channel,
      isHidden: false,
      holds: false,
      claimedSince: new Set(),
      share: new ConnectionShare({ channel, isHidden: () => tab.isHidden, letGo: () => (tab.holds = false) }),
    }
    this.#tabs.set(name, tab)
    return tab
  }
}

interface Tab {
  readonly channel: Channel
  readonly share: ConnectionShare
  isHidden: boolean
  holds: boolean
  readonly claimedSince: Set<number>
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const settle = () => vi.advanceTimersByTime(SETTLED_MS)

describe('tabs of a browser', () => {
  it('hold four streams at most, those turned to last, and hidden ones none beside them, whatever is done and however fast', () => {
    const action = fc.record({
      what: fc.constantFrom('show' as const, 'show' as const, 'hide' as const, 'close' as const),
      tab: fc.nat(8),
      thenMs: fc.constantFrom(0, 1, 10, 150, 250, 1000),
    })
    const latencies = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 7 })
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), latencies, (actions, delays) => {
        const browser = new Browser(delays)
        for (const { what, tab, thenMs } of actions) {
          browser[what](tab)
          vi.advanceTimersByTime(thenMs)
        }
        settle()
        const { holding, seen, safe } = browser
        expect(holding.length).toBeLessThanOrEqual(MOST)
        expect(holding).toEqual(expect.arrayContaining([...safe]))
        const hidden = holding.filter((tab) => !seen.includes(tab))
        expect(hidden.length).toBeLessThanOrEqual(holding.length > hidden.length ? 0 : 1)
      }),
      { numRuns: 500 },
    )
  })

  it('that are hidden let go at once when one is shown, and stay as they are when none is', () => {
    const browser = new Browser()
    browser.show(1)
    browser.hide(1)
    settle()
    expect(browser.holding).toEqual([1])
    browser.show(2)
    vi.advanceTimersByTime(1)
    expect(browser.holding).toEqual([2])
  })

  it('count one once that is closed and opened again at once', () => {
    const browser = new Browser()
    for (const tab of [0, 1, 2, 3]) browser.show(tab)
    browser.close(3)
    browser.show(3)
    settle()
    expect(browser.holding).toEqual([0, 1, 2, 3])
  })

  it('stop telling each other things', () => {
    const browser = new Browser([5])
    for (let tab = 0; tab < 7; tab++) browser.show(tab)
    settle()
    expect(browser.holding).toEqual([3, 4, 5, 6])
    expect(vi.getTimerCount()).toBe(0)
  })
})
