/** An opened line's fields as an indented tree. Pure. */
import { plainText } from './ansi.ts'
import { brief, type Field, type FieldKind, fieldsWithin, readFields } from './fields.ts'

/** One row of an opened line. */
export interface TreeRow {
  depth: number
  /** Absent in the last row, when that says how many are left out. */
  key?: string
  /** Absent where the rows below are the value. May hold line breaks; nothing else in it acts. */
  value?: string
  kind: FieldKind | 'more'
  /** What a copy button puts on the clipboard: a text without its quotes, all else as it is written. */
  copy: string
}

const TREE_ROWS = 300
/** Objects further in are one row. Also what keeps the walk linear, as each depth is walked through once more. */
const TREE_DEPTH = 12

/** A line's fields as an indented tree, at most 301 rows: the last then says how many more there are. */
export function readTree(text: string): TreeRow[] | undefined {
  const fields = readFields(text)
  if (fields === undefined) return undefined
  const rows: TreeRow[] = []
  let more = 0
  const add = (field: Field, depth: number): void => {
    const within = depth < TREE_DEPTH ? fieldsWithin(field) : []
    if (rows.length === TREE_ROWS) more++
    else {
      const row: TreeRow = { depth, key: plainText(field.key), kind: field.kind, copy: field.text }
      if (within.length === 0) row.value = whole(field)
      rows.push(row)
    }
    for (const inner of within) add(inner, depth + 1)
  }
  for (const field of fields) add(field, 0)
  if (more > 0) rows.push({ depth: 0, kind: 'more', value: `… ${more} more fields`, copy: '' })
  return rows
}

/** A value as the tree shows it: with its line breaks. */
function whole(field: Field): string {
  return field.kind === 'text' ? field.text.split(/\r?\n/).map(plainText).join('\n') : plainText(brief(field))
}
