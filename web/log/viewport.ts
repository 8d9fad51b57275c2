/**
 * Viewport arithmetic: what of a log is on screen at a scroll position, and back. Pure. Browsers cap an element's height
 * (16.8M px in Chrome at a device pixel ratio of 2), so a long log gets a spacer shorter than itself: its two ends scroll
 * pixel for pixel, the middle in proportion.
 *
 * "top" is a position in the log, in px from its beginning as if all rows were laid out; "scroll" is the scrollTop
 * of the element that shows it.
 */

export const ROW_PX = 20 // `--row` of tokens.css
export const EDGE_PX = 4 // air above the first and below the last row
export const MAX_SPACER_PX = 10_000_000
const EXACT_PX = 1_000_000 // 50 000 rows of one line at either end scroll exactly; nobody wheels further than that

/** A log whose rows are `rows` px high together, in an element `height` px high. */
export interface Geometry {
  rows: number
  height: number
}

/** All rows laid out, in px. */
export function contentPx(geometry: Geometry): number {
  return geometry.rows === 0 ? 0 : geometry.rows + 2 * EDGE_PX
}

/** The height of the element that makes the scrollbar. */
export function spacerPx(geometry: Geometry): number {
  return Math.min(contentPx(geometry), MAX_SPACER_PX)
}

/** The position at which the last row is at the bottom; 0 when everything fits. */
export function maxTop(geometry: Geometry): number {
  return Math.max(0, contentPx(geometry) - geometry.height)
}

export function maxScroll(geometry: Geometry): number {
  return Math.max(0, spacerPx(geometry) - geometry.height)
}

export function clampTop(top: number, geometry: Geometry): number {
  return Math.min(Math.max(0, top), maxTop(geometry))
}

/** How many px of log one px of scroll in the middle stands for. */
function scale(geometry: Geometry): number {
  return (maxTop(geometry) - 2 * EXACT_PX) / (maxScroll(geometry) - 2 * EXACT_PX)
}

/** The position in the log at a scrollTop. */
export function topAt(scroll: number, geometry: Geometry): number {
  const last = maxScroll(geometry)
  const at = Math.min(Math.max(0, scroll), last)
  if (contentPx(geometry) <= MAX_SPACER_PX || at <= EXACT_PX) return at
  if (at >= last - EXACT_PX) return maxTop(geometry) - (last - at)
  return EXACT_PX + (at - EXACT_PX) * scale(geometry)
}

/** The scrollTop at a position in the log: the inverse of {@link topAt}. */
export function scrollAt(top: number, geometry: Geometry): number {
  const last = maxTop(geometry)
  const at = clampTop(top, geometry)
  if (contentPx(geometry) <= MAX_SPACER_PX || at <= EXACT_PX) return at
  if (at >= last - EXACT_PX) return maxScroll(geometry) - (last - at)
  return EXACT_PX + (at - EXACT_PX) / scale(geometry)
}
