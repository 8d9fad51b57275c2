/** The cells of rows: a row's chosen fields, in columns before its text. Text nodes only: log text is hostile. */
import { cellText } from './columns.ts'
import { pickFields, sentenceFields } from './fields.ts'
import type { Cells, Columns } from './row-dom.ts'

export class FieldColumns implements Columns {
  readonly fields: readonly string[]
  /** Called when a field has a value in a row, for each. */
  readonly onValue: ((name: string) => void) | undefined

  constructor(fields: readonly string[], onValue?: (name: string) => void) {
    this.fields = fields
    this.onValue = onValue
  }

  make(): Cells {
    return new FieldCells(this)
  }
}

class FieldCells implements Cells {
  readonly of: FieldColumns
  readonly element = document.createElement('span')
  readonly #cells: (readonly [element: HTMLElement, text: Text])[]

  constructor(of: FieldColumns) {
    this.of = of
    this.element.className = 'cells'
    this.#cells = of.fields.map((_, at) => {
      const cell = document.createElement('span')
      const text = document.createTextNode('')
      cell.style.width = `var(--column-${at})`
      cell.append(text)
      return [cell, text]
    })
    this.element.append(...this.#cells.map(([cell]) => cell))
  }

  show(text: string): void {
    const { fields, onValue } = this.of
    const values = pickFields(sentenceFields(text) ?? [], fields)
    for (const [at, [cell, node]] of this.#cells.entries()) {
      const field = values[at]
      const value = field === undefined ? '' : cellText(field)
      const look = field?.kind === 'number' ? 'number' : ''
      if (node.data !== value) node.data = value
      if (cell.className !== look) cell.className = look
      if (field !== undefined) onValue?.(fields[at] as string)
    }
  }
}
