/** What stands around a line in its log, below it where a filter leaves that out. Text nodes only. */
import type { Line } from '../../server/wire.ts'
import { readRuns } from './ansi.ts'
import { readSentence } from './fields.ts'
import type { Row } from './line-store.ts'
import { readScreen, withoutReturns } from './screen.ts'
import type { LogSession } from './session.ts'
import { clockMs, readTime, type Zone } from './time.ts'

/** On each side: a line's cause is mostly just before it, and more is a key away, in the log itself. `.around` has room for them. */
const AROUND_LINES = 3
const DRAWN_CHARS = 500 // of a line on one row: more than a screen is wide

/** Fills an element with the lines around a row, when they come; `onFilled`: its height is another now. */
export async function showSurroundings(
  element: HTMLElement,
  row: Row,
  session: LogSession,
  zone: Zone,
  onFilled: () => void,
): Promise<void> {
  try {
    const { before, after } = await session.around(row, AROUND_LINES)
    const near = ({ time, message, level }: Line) =>
      nearLine({ ...row, ...readTime(time), level, text: message, truncated: false }, zone)
    const own = nearLine(row, zone)
    own.classList.add('own')
    element.replaceChildren(...before.map(near), own, ...after.map(near))
  } catch {
    element.textContent = 'What was written around it cannot be had.'
  }
  onFilled()
}

function nearLine(row: Row, zone: Zone): HTMLElement {
  const line = document.createElement('div')
  line.className = `near ${row.level ?? 'none'}`
  const at = document.createElement('span')
  at.className = 'at'
  at.textContent = clockMs(row, zone)
  const written = withoutReturns(row.text)
  const runs = readSentence(written, row) ?? readScreen(written) ?? readRuns(written, DRAWN_CHARS).runs
  const text = runs.map((run) => run.text).join('')
  line.append(at, text.slice(0, DRAWN_CHARS))
  return line
}
