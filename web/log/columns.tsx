/** The columns of chosen fields: the head row over the log, with their names and their widths. Loaded when there are any. */
import { createRenderEffect, createSignal, For, type JSX, onCleanup, onMount } from 'solid-js'
import { CloseIcon } from '../frame/icons.tsx'
import { readStored, store } from '../frame/stored.ts'
import { plainText } from './ansi.ts'
import { FieldColumns } from './cells-dom.ts'
import {
  clampWidth,
  firstWidth,
  GAP_CH,
  linesAround,
  MAX_CH,
  MIN_CH,
  readWidths,
  seenColumns,
  writeWidths,
} from './columns.ts'
import type { LineStore } from './line-store.ts'
import type { Columns } from './row-dom.ts'

const STORED = 'columns'
const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, Home: -MAX_CH, End: MAX_CH }

interface ColumnsOptions {
  readonly log: HTMLElement
  readonly lines: LineStore
  readonly onFields: (fields: readonly string[]) => void
  /** The text begins elsewhere. */
  readonly onWidth: () => void
}

/** Puts columns over a log until its owner is disposed of; undefined for none. */
export function columnsOf(fields: readonly string[], options: ColumnsOptions): Columns | undefined {
  const { log, lines, onFields, onWidth } = options
  const stage = log.parentElement
  if (fields.length === 0 || stage === null) return undefined

  const [numbers, setNumbers] = createSignal<ReadonlySet<string>>(new Set())
  const [widths, setWidths] = createSignal(readWidths(readStored(STORED)))
  /** Columns whose width waits for a value. */
  const awaited = new Set(fields)
  const widthOf = (name: string) => widths().get(name) ?? firstWidth(name, 0)
  const settle = () => {
    const seen = seenColumns(linesAround(lines), [...awaited])
    for (const { name } of seen) awaited.delete(name)
    setNumbers((before) => new Set([...before, ...seen.flatMap((it) => (it.isNumber ? it.name : []))]))
    setWidths((chosen) => {
      const first = seen.map((it) => [it.name, firstWidth(it.name, it.longest)] as const)
      return new Map([...first, ...chosen])
    })
  }
  settle()

  createRenderEffect(() => {
    const all = fields.map((name) => widthOf(name) + GAP_CH)
    for (const [at, width] of all.entries()) stage.style.setProperty(`--column-${at}`, `${width}ch`)
    stage.style.setProperty('--columns', `${all.reduce((sum, width) => sum + width)}ch`)
    onWidth()
  })

  const resize = (name: string, to: number) => {
    const width = clampWidth(to)
    if (width === widthOf(name)) return
    store(STORED, writeWidths(readWidths(readStored(STORED)), name, width))
    setWidths((before) => new Map(before).set(name, width))
  }
  /** Its name and its values around are seen whole, where that is not too wide. */
  const fit = (name: string) => {
    const [seen] = seenColumns(linesAround(lines), [name])
    resize(name, Math.max(name.length, seen?.longest ?? 0))
  }
  const takeOut = (at: number) => {
    onFields(fields.filter((_, other) => other !== at))
    const left = stage.querySelectorAll<HTMLElement>('.take')
    const next = left[Math.min(at, left.length - 1)] ?? log
    next.focus()
  }

  const head = (
    <Head
      fields={fields}
      isNumber={(name) => numbers().has(name)}
      widthOf={widthOf}
      log={log}
      onResize={resize}
      onFit={fit}
      onTakeOut={takeOut}
    />
  ) as HTMLElement
  stage.prepend(head)
  onCleanup(() => {
    head.remove()
    stage.style.removeProperty('--columns')
  })

  return new FieldColumns(fields, (name) => {
    if (!awaited.has(name)) return
    // Before the frame is painted, and once, whatever is found then.
    queueMicrotask(() => {
      if (!awaited.has(name)) return
      settle()
      awaited.delete(name)
    })
  })
}

function Head(props: {
  fields: readonly string[]
  isNumber: (name: string) => boolean
  widthOf: (name: string) => number
  log: HTMLElement
  onResize: (name: string, width: number) => void
  onFit: (name: string) => void
  onTakeOut: (at: number) => void
}): JSX.Element {
  let strip: HTMLDivElement | undefined
  const scrolled = () => {
    if (strip === undefined) return
    const { scrollLeft } = props.log
    strip.style.transform = `translateX(${-scrollLeft}px)`
    strip.style.clipPath = `inset(0 0 0 ${scrollLeft}px)` // the time stays where it is, and nothing goes over it
  }
  /** What has the focus is on screen: the log, and the head with it, goes there. */
  const onFocusIn = ({ target }: FocusEvent) => {
    if (strip === undefined || !(target instanceof Element)) return
    const { left, right } = target.getBoundingClientRect()
    const start = strip.getBoundingClientRect().left + props.log.scrollLeft
    const over = right - props.log.getBoundingClientRect().right
    props.log.scrollLeft += over > 0 ? over : Math.min(0, left - start)
  }
  onMount(() => {
    const cleanup = new AbortController()
    props.log.addEventListener('scroll', scrolled, { signal: cleanup.signal, passive: true })
    onCleanup(() => cleanup.abort())
    scrolled()
  })
  return (
    <fieldset class="head" aria-label="Columns" onFocusIn={onFocusIn}>
      <div class="strip" ref={strip}>
        <For each={props.fields}>
          {(name, at) => (
            <div
              class="column"
              classList={{ number: props.isNumber(name) }}
              style={{ width: `var(--column-${at()})` }}
              title={plainText(name)}
            >
              <span class="name">{plainText(name)}</span>
              <button
                type="button"
                class="take"
                aria-label={`Take out ${name}`}
                title="Take this column out"
                onClick={() => props.onTakeOut(at())}
              >
                <CloseIcon />
              </button>
              <Grip
                name={name}
                width={props.widthOf(name)}
                onResize={(width) => props.onResize(name, width)}
                onFit={() => props.onFit(name)}
              />
            </div>
          )}
        </For>
      </div>
    </fieldset>
  )
}

interface GripProps {
  name: string
  width: number
  onResize: (width: number) => void
  /** It is to be as wide as what is in it. */
  onFit: () => void
}

/** What is drawn to make a column wider, or moved with the arrow keys; a double click, or Enter, fits it. */
function Grip(props: GripProps): JSX.Element {
  /** Where it was taken hold of. */
  let held: { x: number; width: number; ch: number } | undefined
  const onPointerDown = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    if (event.button !== 0) return
    event.preventDefault() // no selection begins here
    event.currentTarget.focus()
    event.currentTarget.setPointerCapture(event.pointerId)
    const px = event.currentTarget.parentElement?.getBoundingClientRect().width ?? 0
    held = { x: event.clientX, width: props.width, ch: px / (props.width + GAP_CH) }
  }
  const onPointerMove = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    if (held === undefined || !event.currentTarget.hasPointerCapture(event.pointerId)) return
    props.onResize(held.width + (event.clientX - held.x) / held.ch)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const step = STEPS[event.key]
    if (event.key === 'Enter') props.onFit()
    else if (step !== undefined) props.onResize(props.width + step)
    else return
    event.preventDefault() // the log has these keys too
  }
  return (
    <hr
      class="grip"
      tabindex="0"
      aria-orientation="vertical"
      aria-label={`Width of ${props.name}`}
      aria-valuenow={props.width}
      aria-valuemin={MIN_CH}
      aria-valuemax={MAX_CH}
      aria-valuetext={`${props.width} characters`}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onKeyDown={onKeyDown}
      onDblClick={props.onFit}
    />
  )
}
