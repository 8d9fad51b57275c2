/** What stands below an opened line: what is known of it, and its fields, or else all of its text. Text nodes only. */
import { readRuns } from './ansi.ts'
import { readTree, type TreeRow } from './field-tree.ts'
import type { Row } from './line-store.ts'
import { COPIES, make, type RowLook, withLinks } from './row-dom.ts'
import { fullTime } from './time.ts'

export function detailsOf(row: Row, { surroundings, isFoldable = false }: RowLook): HTMLElement {
  const copyWords = isFoldable ? 'Copy with stack trace' : 'Copy line'
  const tree = readTree(row.text)
  const facts = [fullTime(row), row.kind, row.level ?? 'no level'].join(' · ')
  const details = make(
    'div',
    'details',
    make('div', 'facts', facts, button('copy line', copyWords), button('copy link', 'Copy link')),
    ...(tree?.map(treeNode) ?? [make('div', 'whole', ...withLinks(readRuns(row.text).runs, 0))]),
  )
  if (surroundings !== undefined) {
    const around = make('div', 'around')
    surroundings(row, around)
    details.append(around)
  }
  return details
}

function treeNode({ depth, key, value, kind, copy }: TreeRow): HTMLElement {
  const field = make('div', 'field')
  field.style.setProperty('--depth', String(depth))
  if (key !== undefined) field.append(make('span', 'key', key))
  if (value !== undefined)
    field.append(make('span', kind === 'number' ? kind : 'value', ...withLinks([{ text: value }], 0)))
  if (key !== undefined) field.append(copyButton('Copy', copy, `Copy ${key}`))
  return field
}

function copyButton(words: string, copy: string, label = words): HTMLElement {
  const it = button('copy', words)
  it.ariaLabel = label
  COPIES.set(it, copy)
  return it
}

function button(className: string, words: string): HTMLButtonElement {
  const it = make('button', className, words)
  it.type = 'button'
  return it
}
