/** A page that holds a million lines: how smoothly it scrolls from end to end, what it costs, how fast it is searched. */
import type { Bed } from '../bed.ts'
import type { WatchedPage } from '../browser.ts'
import { openLog } from '../open-log.ts'
import type { Part } from '../part.ts'
import { JSON_LINE } from '../samples.ts'
import { percentile } from '../statistics.ts'

const LINES = 999_000 // with the first, the last and their dividers, within what a page holds
const DEADLINE_MS = 120_000
const SCROLL_MS = 10_000
const SMOOTH_MS = 20 // a frame of 60 Hz, and the noise of a timer
const SOUGHT = '77,"method"' // in one line of a hundred

export const longPage: Part = {
  names: ['page.scroll', 'page.scroll.frame', 'page.memory', 'page.search', 'page.search.first'],
  deadlineMs: 300_000,
  async run(bed) {
    const page = await filled(bed)
    const held = await heap(page)
    const frames = await scrolled(page)
    const smooth = frames.filter((ms) => ms < SMOOTH_MS).length / frames.length
    const longest = Math.max(...frames)
    bed.say(
      `${frames.length} frames in ${SCROLL_MS / 1000} s, ${(smooth * 100).toFixed(1)} % under ${SMOOTH_MS} ms, ` +
        `p50 ${percentile(frames, 50).toFixed(1)}, longest ${longest.toFixed(0)} ms`,
    )
    const perLine = held / LINES - JSON_LINE.length - 3 // `{n}` is up to six digits
    bed.say(`the page holds ${(held / 1024 / 1024).toFixed(0)} MiB`)
    const search = await searched(page)
    await page.close()
    return [
      { name: 'page.scroll', value: smooth * 100 },
      { name: 'page.scroll.frame', value: longest },
      { name: 'page.memory', value: perLine },
      { name: 'page.search', value: search.all },
      { name: 'page.search.first', value: search.first },
    ]
  },
}

/** An open page with so many lines in it. */
async function filled(bed: Bed): Promise<WatchedPage> {
  const { container, page } = await openLog(bed, await bed.sluice(), DEADLINE_MS)
  await container.pace({ lines: LINES, template: JSON_LINE }).done
  await container.write('stdout', 'mark-last;\n')
  await page.paintOf('last', DEADLINE_MS)
  return page
}

/** Bytes of the page's heap, garbage aside. */
async function heap({ page }: WatchedPage): Promise<number> {
  await page.send('HeapProfiler.collectGarbage')
  const { usedSize, backingStorageSize } = (await page.send('Runtime.getHeapUsage')) as {
    usedSize: number
    backingStorageSize?: number
  }
  return usedSize + (backingStorageSize ?? 0)
}

/** The milliseconds of each frame while the scrollbar's thumb is drawn from the top to the bottom. */
function scrolled({ page }: WatchedPage): Promise<number[]> {
  return page.evaluate(
    (ms) =>
      new Promise<number[]>((resolve) => {
        // The little of the DOM that is used.
        const { document, requestAnimationFrame } = globalThis as unknown as {
          document: {
            querySelector(selector: string): { scrollTop: number; scrollHeight: number; clientHeight: number }
          }
          requestAnimationFrame(callback: (time: number) => void): void
        }
        const log = document.querySelector('[role=log]')
        const frames: number[] = []
        const began = performance.now()
        let last = began
        const frame = () => {
          const now = performance.now()
          frames.push(now - last)
          last = now
          log.scrollTop = ((now - began) / ms) * (log.scrollHeight - log.clientHeight)
          if (now - began < ms) requestAnimationFrame(frame)
          else resolve(frames.slice(1))
        }
        log.scrollTop = 0
        requestAnimationFrame(frame)
      }),
    SCROLL_MS,
  )
}

/** Milliseconds from typing until a match is counted, and until all are. */
async function searched({ page }: WatchedPage): Promise<{ first: number; all: number }> {
  await page.press('/')
  return page.evaluate((text) => {
    // The little of the DOM that is used.
    const { document, Event, requestAnimationFrame } = globalThis as unknown as {
      document: {
        activeElement: { value: string; dispatchEvent(event: object): void }
        querySelector(selector: string): { textContent: string } | null
      }
      Event: new (type: string, options: object) => object
      requestAnimationFrame(callback: () => void): void
    }
    const input = document.activeElement
    const began = performance.now()
    input.value = text
    input.dispatchEvent(new Event('input', { bubbles: true }))
    let first = 0
    return new Promise<{ first: number; all: number }>((resolve) => {
      const look = () => {
        const counted = document.querySelector('.search .count')?.textContent ?? ''
        if (first === 0 && /[1-9]/.test(counted)) first = performance.now() - began
        // A `+` says that there may be more.
        if (/^[\d\s\u202f]+$/.test(counted)) resolve({ first, all: performance.now() - began })
        else requestAnimationFrame(look)
      }
      look()
    })
  }, SOUGHT)
}
