/**
 * A list in groups, of which only the rows on screen are in the document. Its parent scrolls; heights are the custom
 * properties `--item` and `--heading`, and the styles hold rows and headings to them.
 */
import { type Accessor, createMemo, createSignal, For, type JSX, onCleanup, onMount } from 'solid-js'
import { type GroupSlice, type ListMetrics, topOf, windowOf } from './list-window.ts'
import { type Group, sameKeys } from './roster.ts'

const MARGIN_PX = 400 // drawn above and below: what a flick of the wheel passes until the next frame
const STEP_PX = 200 // scrolling within it changes nothing
const NOTHING: GroupSlice = { group: 0, from: 0, to: 0 }

export interface ListHandle {
  /** The key of the row in focus, or of the one that was until it was scrolled away. */
  focused(): string | undefined
  /** Scrolls to a row, if it is out of sight, and gives its link. */
  reveal(key: string): HTMLElement | undefined
}

export function GroupedList(props: {
  groups: readonly Group[]
  heading: (group: Accessor<Group>) => JSX.Element
  row: (key: string) => JSX.Element
  ref?: (handle: ListHandle) => void
}): JSX.Element {
  let list: HTMLDivElement | undefined
  /** The row that had the focus when it was scrolled away; its list has it since. */
  let left: string | undefined
  const [view, setView] = createSignal([-MARGIN_PX, innerHeight + MARGIN_PX], { equals: (a, b) => `${a}` === `${b}` })
  const [metrics, setMetrics] = createSignal<ListMetrics>({ row: 26, heading: 32 })
  const sizes = createMemo(() => props.groups.map((group) => group.keys.length))
  const part = createMemo(() => windowOf(sizes(), metrics(), view()[0] ?? 0, view()[1] ?? 0))
  const slices = createMemo(() => new Map(part().slices.map((slice) => [props.groups[slice.group]?.id ?? '', slice])))
  const ids = createMemo(() => [...slices().keys()], [], { equals: sameKeys })

  const rowInFocus = () => document.activeElement?.closest<HTMLElement>('[data-key]')
  const look = () => {
    const scroller = list?.parentElement
    if (!scroller) return
    const row = list?.contains(document.activeElement) ? rowInFocus() : undefined
    const at = Math.floor(scroller.scrollTop / STEP_PX) * STEP_PX
    setView([at - MARGIN_PX, at + scroller.clientHeight + STEP_PX + MARGIN_PX])
    if (!row || row.isConnected) return
    left = row.dataset['key']
    scroller.focus({ preventScroll: true })
  }

  onMount(() => {
    const scroller = list?.parentElement
    if (!list || !scroller) return
    const style = getComputedStyle(list)
    const resize = new ResizeObserver(() => {
      const px = (name: string) => Number.parseFloat(style.getPropertyValue(name))
      setMetrics({ row: px('--item'), heading: px('--heading') })
      look()
    })
    resize.observe(scroller)
    scroller.addEventListener('scroll', look, { passive: true })
    onCleanup(() => {
      resize.disconnect()
      scroller.removeEventListener('scroll', look)
    })
    props.ref?.({
      focused: () => (document.activeElement === scroller ? left : rowInFocus()?.dataset['key']),
      reveal: (key) => {
        const index = props.groups.flatMap((group) => group.keys).indexOf(key)
        if (index < 0) return undefined
        const top = topOf(sizes(), metrics(), index) + (list?.offsetTop ?? 0)
        const isSeen = top >= scroller.scrollTop && top + metrics().row <= scroller.scrollTop + scroller.clientHeight
        if (!isSeen) scroller.scrollTop = top - scroller.clientHeight / 3
        look()
        return list?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"] a`) ?? undefined
      },
    })
  })

  return (
    <div ref={list} style={{ 'padding-top': `${part().before}px`, 'padding-bottom': `${part().after}px` }}>
      <For each={ids()}>
        {(id) => {
          const slice = createMemo((was: GroupSlice) => slices().get(id) ?? was, NOTHING)
          const group = createMemo((was?: Group) => {
            const at = slices().get(id)
            return (at && props.groups[at.group]) ?? was
          })
          const keys = createMemo(() => group()?.keys.slice(slice().from, slice().to) ?? [], [], { equals: sameKeys })
          const px = (rows: number) => `${rows * metrics().row}px`
          return (
            <section>
              {props.heading(() => group() ?? { id, name: '', keys: [] })}
              <ul
                style={{
                  'padding-top': px(slice().from),
                  'padding-bottom': px((group()?.keys.length ?? 0) - slice().to),
                }}
              >
                <For each={keys()}>{(key) => <li data-key={key}>{props.row(key)}</li>}</For>
              </ul>
            </section>
          )
        }}
      </For>
    </div>
  )
}
