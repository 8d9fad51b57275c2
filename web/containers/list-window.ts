/**
 * Which rows of a list in groups are drawn: those that are on screen, and some around it. Pure. Rows have one height and
 * headings another, so that ten thousand containers cost no more than what fits.
 */

export interface ListMetrics {
  /** Heights in px. */
  row: number
  heading: number
}

/** Rows `from` to `to` (exclusive) of a group. */
export interface GroupSlice {
  group: number
  from: number
  to: number
}

export interface ListWindow {
  /** Heights of the groups before and after those drawn, in px. */
  before: number
  after: number
  slices: readonly GroupSlice[]
}

/** The part of groups of `sizes` rows each that lies between `top` and `bottom`, in px from the list's start. */
export function windowOf(sizes: readonly number[], metrics: ListMetrics, top: number, bottom: number): ListWindow {
  const { row, heading } = metrics
  const slices: GroupSlice[] = []
  let [y, before, after] = [0, 0, 0]
  for (const [group, size] of sizes.entries()) {
    const height = heading + size * row
    if (y + height <= top) before += height
    else if (y >= bottom) after += height
    else {
      const start = y + heading
      const at = (px: number) => Math.min(size, Math.max(0, px))
      slices.push({
        group,
        from: at(Math.floor((top - start) / row)),
        to: at(Math.ceil((bottom - start) / row)),
      })
    }
    y += height
  }
  return { before, after, slices }
}

/** Where row `index` (counted through all groups) begins, in px from the list's start. */
export function topOf(sizes: readonly number[], { row, heading }: ListMetrics, index: number): number {
  let y = 0
  for (const size of sizes) {
    y += heading
    if (index < size) return y + index * row
    index -= size
    y += size * row
  }
  return y
}
