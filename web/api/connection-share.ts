/**
 * How the tabs of a browser share its connections. Over HTTP/1.1 it makes six to a host, a stream holds one, and a page that
 * has still to be loaded cannot ask for any: so tabs give theirs up before all are taken. A tab that nobody sees holds a
 * stream only while none that is seen does; of those seen, the ones turned to last hold theirs.
 */

const MOST_STREAMS = 4 // of six: two are left for pages, history and searches
const COUNT_MS = 200 // within which all tabs of a browser answer, busy ones too

/** What tabs tell each other. */
interface Claim {
  readonly tab: number
  /** When that tab was turned to last: Unix milliseconds, and a fraction that orders equal ones. 0: it is hidden, or has closed. */
  readonly since: number
  /** The others answer with theirs. */
  readonly asks: boolean
}

/** What is used of a BroadcastChannel. */
export interface Channel {
  onmessage: ((event: { data: Claim }) => void) | null
  postMessage(claim: Claim): void
}

export interface ConnectionShareOptions {
  channel: Channel
  isHidden: () => boolean
  /** Called when the tab has to close its stream. */
  letGo: () => void
}

export class ConnectionShare {
  readonly #options: ConnectionShareOptions
  readonly #tab = Math.random()
  /** 0: holds no stream. */
  #since = 0
  readonly #others = new Map<number, { readonly since: number; readonly heardAt: number }>()
  #counting: ReturnType<typeof setTimeout> | undefined

  constructor(options: ConnectionShareOptions) {
    this.#options = options
    options.channel.onmessage = ({ data }) => this.#hear(data)
  }

  /** The tab was turned to, and holds a stream from now on. */
  claim(): void {
    this.#since = Date.now() + Math.random()
    this.#tell(this.#since, true)
    this.#count() // a clock may have been set back
  }

  /** Nobody sees the tab any more: it keeps its stream unless one that is seen answers. */
  hidden(): void {
    if (this.#since > 0) this.#tell(0, true)
  }

  /** The page is left. Without this, a tab that closes and opens again within `COUNT_MS` is counted twice. */
  left(): void {
    if (this.#since > 0) this.#tell(0, false)
  }

  #tell(since: number, asks: boolean): void {
    this.#options.channel.postMessage({ tab: this.#tab, since, asks })
  }

  #hear({ tab, since, asks }: Claim): void {
    if (this.#since === 0) return
    this.#others.set(tab, { since, heardAt: performance.now() })
    if (since === 0 && !asks) return // it has closed
    if (this.#options.isHidden()) this.#letGo()
    else if (asks) {
      this.#tell(this.#since, false)
      this.#count()
    }
  }

  /** Waits until the others have answered. */
  #count(): void {
    clearTimeout(this.#counting)
    this.#counting = setTimeout(() => {
      let newer = 0
      const recent = performance.now() - COUNT_MS
      for (const [tab, { since, heardAt }] of this.#others) {
        if (since > this.#since) newer++
        // An answer may come before the question that starts the next count.
        if (heardAt < recent) this.#others.delete(tab)
      }
      if (newer >= MOST_STREAMS) this.#letGo()
    }, COUNT_MS)
  }

  #letGo(): void {
    this.#since = 0
    this.#options.letGo()
  }
}
