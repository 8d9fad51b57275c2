/**
 * What runs inside the page: sees marked lines (`mark-7;`) come onto the screen, and how long frames take. A line counts
 * as painted in the first task after a frame in which it was in the document and within the log's box.
 *
 * The function is sent to the browser as text, so it uses nothing from outside itself.
 */

/** When each mark was painted, by the page's `performance.now()`. */
export type Painted = Record<string, number>

export interface PageWatch {
  /** Resolves when all of these are painted, or after `deadlineMs` with those that are. */
  painted(marks: readonly string[], deadlineMs: number): Promise<Painted>
  startFrames(): void
  /** The longest time from one frame to the next since `startFrames`, in ms. */
  longestFrame(): number
  /** What the wall clock showed when `performance.now()` was 0, in ms: exact to where `Date.now()` steps. */
  clockOrigin(): number
}

export const WATCH = 'sluiceBench'

// The little of the DOM that is used: lib.dom would give its globals to the server's files too.
interface PageElement {
  readonly children: Iterable<PageElement>
  readonly textContent: string
  readonly parentElement: PageElement | null
  closest(selector: string): PageElement | null
  getBoundingClientRect(): { top: number; bottom: number; height: number }
}
interface PageNode {
  readonly nodeType: number
  readonly textContent: string | null
  readonly parentElement: PageElement | null
}
interface PageMutation {
  readonly type: 'characterData' | 'childList'
  readonly target: PageNode
  readonly addedNodes: Iterable<PageNode>
}
interface PageGlobals {
  requestAnimationFrame(callback: (time: number) => void): number
  document: object
  MutationObserver: new (
    callback: (mutations: PageMutation[]) => void,
  ) => { observe(target: object, options: Record<string, boolean>): void }
  MessageChannel: new () => {
    port1: { onmessage: (() => void) | null }
    port2: { postMessage(message: null): void }
  }
}

export function watchPaints(name: string): void {
  const ELEMENT = 1
  const MARK = /mark-(\w+);/g
  const page = globalThis as unknown as PageGlobals & Record<string, PageWatch>
  const painted: Painted = {}
  let whenPainted = () => {}

  // A row that is filled in a frame's own callback is painted in that very frame, any other in the next: which of the two
  // it is, only the callback can tell.
  const nextFrame = page.requestAnimationFrame.bind(globalThis)
  let inFrame = false
  page.requestAnimationFrame = (callback) =>
    nextFrame((time) => {
      inFrame = true
      try {
        callback(time)
      } finally {
        // After the mutation observer, whose microtask is queued by now.
        queueMicrotask(() => {
          inFrame = false
        })
      }
    })

  const rowOf = (node: PageNode, mark: string): PageElement | null => {
    let element = node.nodeType === ELEMENT ? (node as unknown as PageElement) : node.parentElement
    const holds = (child: PageElement) => child.textContent.includes(mark)
    for (let inner = element; inner; inner = [...inner.children].find(holds) ?? null) element = inner
    return element
  }

  const isVisible = (element: PageElement | null) => {
    const log = element?.closest('[role=log]')
    if (!element || !log) return false
    const [row, box] = [element.getBoundingClientRect(), log.getBoundingClientRect()]
    return row.height > 0 && row.bottom > box.top && row.top < box.bottom
  }

  /** To be called within a frame: the message arrives when it is painted. */
  const afterPaint = (found: [mark: string, node: PageNode][]) => {
    const { port1, port2 } = new page.MessageChannel()
    port1.onmessage = () => {
      const now = performance.now()
      for (const [mark, node] of found) {
        if (painted[mark] === undefined && isVisible(rowOf(node, `mark-${mark};`))) painted[mark] = now
      }
      whenPainted()
    }
    port2.postMessage(null)
  }

  const observer = new page.MutationObserver((mutations) => {
    const found: [mark: string, node: PageNode][] = []
    for (const { type, target, addedNodes } of mutations) {
      for (const node of type === 'characterData' ? [target] : addedNodes) {
        for (const [, mark = ''] of (node.textContent ?? '').matchAll(MARK)) found.push([mark, node])
      }
    }
    if (found.length === 0) return
    if (inFrame) afterPaint(found)
    else nextFrame(() => afterPaint(found))
  })
  observer.observe(page.document, { childList: true, subtree: true, characterData: true })

  let longest = 0
  page[name] = {
    painted(marks, deadlineMs) {
      return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(painted), deadlineMs)
        whenPainted = () => {
          if (marks.some((mark) => painted[mark] === undefined)) return
          clearTimeout(timer)
          resolve(painted)
        }
        whenPainted()
      })
    },
    startFrames() {
      let last = performance.now()
      longest = 0
      const frame = () => {
        const now = performance.now()
        longest = Math.max(longest, now - last)
        last = now
        nextFrame(frame)
      }
      nextFrame(frame)
    },
    longestFrame: () => longest,
    clockOrigin() {
      // As below: the other process does the same, so what the clocks' steps add to one they add to both.
      const before = Date.now()
      while (Date.now() === before);
      return Date.now() - performance.now()
    },
  }
}

/** The same for this process: the difference of the two takes times from one to the other. */
export function clockOrigin(): number {
  const before = Date.now()
  while (Date.now() === before);
  return Date.now() - performance.now()
}
