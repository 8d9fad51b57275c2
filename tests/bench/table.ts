/** The results as a table for people. */
import { goalOf, isMet, type Measured } from './goals.ts'

export function table(results: readonly Measured[]): string {
  const rows = results.map((result) => {
    const { unit, bar, better, referenceName, what } = goalOf(result.name)
    const beside = result.reference === undefined ? '' : `${figure(result.reference)} (${referenceName})`
    const limit = `${better === 'higher' ? '>=' : '<='} ${figure(bar)}`
    return [result.name, figure(result.value), unit, limit, isMet(result) ? 'met' : 'MISSED', beside, what]
  })
  return align([['name', 'value', 'unit', 'bar', '', 'beside it', 'what'], ...rows])
}

/** Three digits that mean something; counts as they are. */
function figure(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return value.toFixed(0)
  const decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toFixed(decimals)
}

function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const pad = (cell: string, column: number) =>
    column === 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n')
}
