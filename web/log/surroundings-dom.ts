/** What stands around a line in its log, below it where a filter leaves that out. Text nodes only. */
import type { Line } from '../../server/wire.ts'
import { readRuns } from './ansi.ts'
import { readSentence } from './fields.ts'
import type { Row } from './line-store.ts'
import type { LogSession } from './session.ts'
import { readTime } from './time.ts'

/** On each side: a line's cause is mostly just before it, and more is a key away, in the log itself. */
export const AROUND_LINES = 3
const DRAWN_CHARS = 500 // of a line on one row: more than a screen is wide

/** Fills an element with the lines around a row, when they come; `onFilled`: its height is another now. */
export async function showSurroundings(
  element: HTMLElement,
  row: Row,
  session: LogSession,
  timeText: (row: Row) => string,
  onFilled: () => void,
): Promise<void> {
  try {
    const { before, after } = await session.around(row, AROUND_LINES)
    const lineOf = (near: Row) => nearLine(timeText(near), near)
    const near = ({ time, message, level }: Line) =>
      lineOf({ ...row, ...readTime(time), level, text: message, truncated: false })
    const own = lineOf(row)
    own.classList.add('own')
    element.replaceChildren(...before.map(near), own, ...after.map(near))
  } catch {
    element.textContent = 'What was written around it cannot be had.'
  }
  onFilled()
}

function nearLine(time: string, row: Row): HTMLElement {
  const line = document.createElement('div')
  line.className = `near ${row.level ?? 'none'}`
  const at = document.createElement('span')
  at.className = 'at'
  at.textContent = time
  const runs = readSentence(row.text, row) ?? readRuns(row.text, DRAWN_CHARS).runs
  line.append(
    at,
    runs
      .map(({ text }) => text)
      .join('')
      .slice(0, DRAWN_CHARS),
  )
  return line
}
