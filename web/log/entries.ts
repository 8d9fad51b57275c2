/**
 * Entries of several lines, such as an error with its stack trace: which rows are one, and which of them are folded away
 * under their first line. Rows that come later belong to the entry that they go on with, folded or not. Pure.
 */
import { continues, isBlank, type PlainLine } from '../../server/logs/entries.ts'
import { plainText } from '../../server/logs/plain-text.ts'
import type { LineStore } from './line-store.ts'

/** Rows that are looked through at each drawing for an entry's first line. */
const NEAR_ROWS = 100
/** The same for its last: of a longer one, as of a log of nothing but indented lines, no more are counted, or copied at once. */
export const MOST_ROWS = 1000

export type EntryStore = Pick<LineStore, 'first' | 'end' | 'isLine' | 'isOfOneSource' | 'kind' | 'text' | 'level'>

export class Entries {
  readonly #store: EntryStore
  #foldsAll = false
  /** First lines of the entries that are not as all others are. */
  readonly #others = new Set<number>()

  constructor(store: EntryStore) {
    this.#store = store
  }

  get foldsAll(): boolean {
    return this.#foldsAll
  }

  /** Folds all entries, or none. */
  set foldsAll(foldsAll: boolean) {
    this.#foldsAll = foldsAll
    this.#others.clear()
  }

  /** Whether a row goes on with the one before it. */
  continuesAt(index: number): boolean {
    const line = this.#lineAt(index)
    const before = line && this.#lineAt(index - 1, index)
    if (!before) return false
    const further = isBlank(before) ? this.#lineAt(index - 2, index) : undefined
    const isApart = further !== undefined && !isBlank(further)
    return continues(line, isApart ? further : before, isApart)
  }

  /** A line of the same log and stream as another; undefined if the row is none. */
  #lineAt(index: number, other = index): PlainLine | undefined {
    const store = this.#store
    if (!store.isLine(index) || !store.isOfOneSource(index, other) || store.kind(index) !== store.kind(other))
      return undefined
    return { text: plainText(store.text(index) ?? ''), level: store.level(index) }
  }

  /** The first line of the entry that a row goes on with; undefined: it begins one, or goes on for too long. */
  headOf(index: number, within = NEAR_ROWS): number | undefined {
    let at = index
    while (index - at <= within && this.continuesAt(at)) at--
    return at === index || index - at > within ? undefined : at
  }

  /** The rows of the entry that a row begins, [from, to): an error with its stack trace; the row alone where it is within one. */
  rangeAt(index: number): readonly [from: number, to: number] {
    return [index, this.continuesAt(index) ? index + 1 : this.endOf(index)]
  }

  /** The row after the last that goes on with a row, or after {@link MOST_ROWS}. */
  endOf(index: number): number {
    let to = index + 1
    while (to - index < MOST_ROWS && this.continuesAt(to)) to++
    return to
  }

  /**
   * Judges anew what goes on with a row: it was folded or unfolded, or is known to belong there by now. `judge` says of a row
   * whether it is another than it was, hidden or not. Each depends on the one before, so it ends where none is any more.
   */
  refold(head: number, judge: (index: number) => boolean): void {
    for (let index = head + 1; this.continuesAt(index); index++) if (!judge(index) && index > head + 1) return
  }

  /** The first line of the entry that a row is in; undefined where that has no other. */
  entryOf(index: number): number | undefined {
    return this.headOf(index, Number.POSITIVE_INFINITY) ?? (this.isHead(index) ? index : undefined)
  }

  isHead(index: number): boolean {
    return !this.continuesAt(index) && this.continuesAt(index + 1)
  }

  isFolded(head: number): boolean {
    return this.#foldsAll !== this.#others.has(head)
  }

  toggle(head: number): void {
    if (!this.#others.delete(head)) this.#others.add(head)
  }

  /**
   * Whether a row is folded away. `before` tells of the row before it: whether that is, or undefined if nothing is known of
   * it yet.
   */
  isHidden(index: number, before: (index: number) => boolean | undefined): boolean {
    if ((!this.#foldsAll && this.#others.size === 0) || !this.continuesAt(index)) return false
    const isBeforeHidden = before(index - 1)
    if (isBeforeHidden !== false) return isBeforeHidden ?? this.#foldsAll
    return !this.continuesAt(index - 1) && this.isFolded(index - 1)
  }
}
