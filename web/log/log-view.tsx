/** The log of one container on the page: the viewport's element, and words where there are no lines. */
import { createEffect, createMemo, type JSX, onCleanup, onMount, Show, untrack } from 'solid-js'
import { laterTask } from '../api/later-task.ts'
import { cutInMiddle, serviceName } from '../containers/words.ts'
import { look, lookedAt, now, place, roster, status } from '../frame/live.ts'
import { type LogControls, say, setLevelCounts, setSearchStatus } from '../frame/log-controls.ts'
import { drawnOnDemand, onDemand } from '../frame/on-demand.ts'
import { addressOf, DEFAULT_LOOK, lineQuery, lookOf } from '../frame/place.ts'
import { density, folds, raw, size, wrap } from '../frame/preferences.ts'
import { Controls, ERRORS } from './controls.ts'
import type { EmptyNoticeProps } from './empty-notice.tsx'
import type { Row } from './line-store.ts'
import type { LogSearch } from './log-search.ts'
import { Minimap, sample } from './minimap-dom.ts'
import type { Surroundings } from './row-dom.ts'
import { later, seldom } from './seldom.ts'
import { type LogSession, loadHistory } from './session.ts'
import { TIME_CHARS, timeText, zoneOf } from './time.ts'
import { Viewport, type ViewportStatus } from './viewport-dom.ts'

const STATUS_MS = 150 // counts and ticks that change faster cannot be read
const NOTED_MS = 600 // browsers refuse addresses that change too often
/** Of a row, as a multiple of its text's size: 20 and 16 px at 13. */
const ROW_HEIGHT = { comfortable: 1.54, compact: 1.25 } as const
/** As many as `--source` of log.css has room for. */
const SOURCE_CHARS = matchMedia('(max-width: 640px)').matches ? 10 : 14
const loadSearch = onDemand(() => import('./log-search.ts'))
onDemand(loadHistory)
const [detailsPart, loadDetails] = drawnOnDemand(async () => {
  const [{ detailsOf }, { showSurroundings }] = await Promise.all([
    import('./details-dom.ts'),
    import('./surroundings-dom.ts'),
  ])
  return { detailsOf, showSurroundings }
})
const loadActions = onDemand(() => import('./line-actions.tsx'))
/** Once it was loaded, it is there for the next log with columns from the start. */
const [columnsPart, loadColumns] = drawnOnDemand(() => import('./columns.tsx'))

const HUES = 5 // of log.css; red is for errors

/** The log that was left had the focus: the next one has it, that keys alone go on where they were. */
let hadFocus = false

interface LogViewProps {
  session: LogSession
  ref: (controls: LogControls | undefined) => void
  onDraw: (status: ViewportStatus) => void
}

export function LogView(props: LogViewProps): JSX.Element {
  let scroller: HTMLDivElement | undefined
  let stage: HTMLDivElement | undefined
  const initial = untrack(() => lookOf(place()))
  const fields = createMemo(() => (raw() ? DEFAULT_LOOK : lookOf(place())).fields)
  createEffect(() => {
    if (fields().length > 0) loadColumns()
  })
  onMount(() => {
    if (scroller === undefined || stage === undefined) return
    const { session } = props
    const viewport = new Viewport(scroller, session.store)
    // Loaded when something is first searched for: the first lines need not wait for it.
    let search: LogSearch | undefined
    let isHere = true
    const openSearch = async () => {
      const part = await loadSearch()
      search ??=
        part &&
        new part.LogSearch(session, {
          defer: laterTask(),
          connect: (address) => new EventSource(address),
          onChange: () => {
            controls.searched()
            tellSoon()
            viewport.refresh()
          },
        })
      return search
    }
    const controls = new Controls({
      session,
      viewport,
      search: () => search,
      linkTo: (at, source) => {
        const key = session.isMerged ? source : session.key
        return new URL(addressOf({ view: 'container', key, look: { at } }), document.baseURI).href
      },
      onTime: (at) => look({ at }),
      say,
    })
    const map = new Minimap((position) => viewport.seek(position))
    stage.append(map.element)
    let mapHeight = 0
    const resize = new ResizeObserver(() => {
      mapHeight = map.height
      tellLater()
    })
    resize.observe(map.element)

    /** What is told of the log beside it, now and then. */
    const tell = () => {
      const { store, isAttached } = session
      const isWhole = isAttached && session.status.atStart
      setLevelCounts({ error: store.countOf(ERRORS), warn: store.countOf(['warn']), isWhole })
      setSearchStatus(search?.status(viewport.current))
      const indexAt = (position: number) => viewport.indexAt(position)
      map.drawTicks(
        [
          ...sample('warn', mapHeight, indexAt, (index) => store.nearestOf(['warn'], index, 1)),
          ...sample('error', mapHeight, indexAt, (index) => store.nearestOf(ERRORS, index, 1)),
          ...sample('match', mapHeight, indexAt, (index) => search?.nextLoaded(index)),
        ],
        mapHeight,
      )
    }
    setLevelCounts({ error: 0, warn: 0, isWhole: false }) // their room in the bar is taken at once
    const tellSoon = seldom(STATUS_MS, tell)
    const tellLater = later(STATUS_MS, tell) // lines are drawn before they are counted

    // Where the address says that one is, until one goes elsewhere.
    let isPlaced = initial.at === undefined
    const note = later(NOTED_MS, () => {
      if (!isPlaced || session.status.loading === 'place') return
      const [from] = viewport.onScreen
      lookedAt(viewport.following ? undefined : session.placeOf(viewport.current ?? session.store.lineFrom(from)))
    })

    viewport.onDraw = (drawn) => {
      if (search?.highlight(viewport.drawn, viewport.current)) viewport.refresh()
      map.drawPane(viewport.view, mapHeight)
      tellLater()
      note()
      props.onDraw(drawn)
    }
    viewport.onNear = (end) => session.near(end)
    viewport.isAtEnd = () => session.isAttached
    viewport.onCopy = (text) => void controls.copy(text, 'Copied')
    viewport.onOpen = () => detailsPart() ?? loadDetails()
    viewport.onCopyLine = (index) => controls.copyLine(index)
    viewport.onLink = (index) => controls.copyLink(index)
    viewport.onCurrent = tellSoon
    /** Copy, link and open, at the end of the line under the mouse. */
    let actions: HTMLElement | undefined
    let hovered: HTMLElement | undefined
    const lineOfActions = () => (actions ? viewport.rowOf(actions)?.index : undefined)
    const openLine = (index: number | undefined) => {
      if (index === undefined) return
      viewport.choose(index)
      viewport.toggleOpen(index)
    }
    const thenLeave = (act: (index: number | undefined) => void) => () => {
      act(lineOfActions())
      scroller?.focus({ preventScroll: true }) // the buttons go with the mouse, and would take the focus with them
    }
    const moveActions = () => {
      // What is moved while it is pressed would not be clicked.
      if (hovered === undefined) actions?.remove()
      else if (actions && actions.parentElement !== hovered) hovered.append(actions)
    }
    viewport.onHover = async (row) => {
      hovered = row
      if (row === undefined || actions) return moveActions()
      const part = await loadActions()
      actions ??= part?.lineActions({
        onCopy: thenLeave((index) => controls.copyLine(index)),
        onLink: thenLeave((index) => controls.copyLink(index)),
        onOpen: thenLeave(openLine),
      })
      if (isHere) moveActions()
    }
    session.onRows = () => {
      search?.refresh()
      viewport.refresh()
    }
    session.onPlace = (index) => {
      isPlaced = true
      if (index === undefined) viewport.follow()
      else viewport.reveal(index)
    }

    const shown = createMemo(() => lookOf(place()))
    const format = createMemo(() => shown().time)
    const wanted = createMemo(
      () => {
        const { q, regex, matchCase, word } = shown()
        return { text: q, regex, matchCase, word }
      },
      undefined,
      {
        equals: (a, b) => a.text === b.text && a.regex === b.regex && a.matchCase === b.matchCase && a.word === b.word,
      },
    )
    createEffect(() => {
      if (status().atStart) tellLater() // what is counted is all there is, though nothing new is drawn
    })
    createEffect(() => {
      viewport.wrap = wrap()
    })
    createEffect(() => {
      const px = Number(size())
      const rowPx = Math.round(px * ROW_HEIGHT[density()])
      scroller?.style.setProperty('--text', `${px}px`)
      scroller?.style.setProperty('--row', `${rowPx}px`)
      viewport.rowPx = rowPx
    })
    createEffect(() => {
      viewport.foldsAll = folds()
    })
    const columns = createMemo(() =>
      columnsPart()?.columnsOf(fields(), {
        log: scroller,
        lines: session.store,
        onFields: (fields) => look({ fields }),
        onWidth: () => untrack(wrap) && viewport.redraw(),
      }),
    )
    const keys = createMemo(() => (session.isMerged ? [...roster().containers.keys()].join('\n') : ''))
    /** Another one when containers have come or gone: what each is called, and its colour, depends on the others. */
    const source = createMemo(() => {
      const all = keys().split('\n').sort()
      return session.isMerged ? (row: Row) => sourceOf(row, all) : undefined
    })
    const zone = createMemo(() => zoneOf(format()))
    const surroundings = createMemo((): Surroundings | undefined => {
      const shownIn = zone()
      const part = detailsPart()
      if (!session.isFiltered || part === undefined) return undefined
      return (row, element) => void part.showSurroundings(element, row, session, shownIn, () => viewport.refresh())
    })
    createEffect(() => {
      const chosen = format()
      const at = chosen === 'relative' ? now() : 0
      stage?.style.setProperty('--time', `${TIME_CHARS[chosen]}ch`)
      viewport.look = {
        time: (row) => timeText(row, chosen, at),
        zone: zone(),
        raw: raw(),
        details: detailsPart()?.detailsOf,
        surroundings: surroundings(),
        source: source(),
        columns: columns(),
      }
    })
    createEffect(() => {
      const sought = wanted()
      const lookFor = (it: LogSearch) => untrack(() => it.look(sought, viewport.onScreen[1], lineQuery(shown())))
      if (search) lookFor(search)
      else if (sought.text !== '') {
        void openSearch().then((it) => {
          if (it && isHere && sought === untrack(wanted)) lookFor(it)
        })
      }
    })

    if (initial.at !== undefined) void session.go({ at: initial.at })
    props.ref(controls)
    if (hadFocus && document.activeElement === document.body) scroller.focus({ preventScroll: true })
    onCleanup(() => {
      hadFocus = scroller?.contains(document.activeElement) === true
      session.onRows = () => {}
      session.onPlace = () => {}
      props.ref(undefined)
      resize.disconnect()
      tellSoon.cancel()
      tellLater.cancel()
      note.cancel()
      isHere = false
      controls.close()
      search?.close()
      viewport.dispose()
      setLevelCounts(undefined)
      setSearchStatus(undefined)
    })
  })
  return (
    <>
      <div class="log-stage" classList={{ merged: props.session.isMerged, empty: status().empty }} ref={stage}>
        {/* A log by its role, which does not speak: nobody wants a flood read aloud. */}
        <div
          ref={scroller}
          class="log"
          classList={{ late: fields().length > 0 && !columnsPart() }}
          id="log"
          role="log"
          aria-live="off"
          aria-label={`Log of ${props.session.key}`}
          tabindex="0"
        />
      </div>
      <Show when={status().empty}>
        <LaterNotice name={props.session.key} isWhole={!props.session.isMerged} isFiltered={props.session.isFiltered} />
      </Show>
    </>
  )
}

/** What a container is called among others (`keys`, sorted), in no more characters than its column has; neighbours differ in colour. */
function sourceOf({ source }: Row, keys: readonly string[]): { name: string; hue: number } {
  const container = untrack(roster).containers.get(source)
  const name = container === undefined ? source : serviceName(container)
  let before = 0
  for (let end = keys.length; before < end; ) {
    const middle = (before + end) >> 1
    if ((keys[middle] ?? '') < source) before = middle + 1
    else end = middle
  }
  return { name: cutInMiddle(name, SOURCE_CHARS), hue: before % HUES }
}

const NOTICE_MS = 200 // most logs have their first lines by then

const [noticePart, loadNotice] = drawnOnDemand(() => import('./empty-notice.tsx'))

/** Why there are no lines, where there are none after a moment. */
function LaterNotice(props: EmptyNoticeProps): JSX.Element {
  const timer = setTimeout(loadNotice, NOTICE_MS)
  onCleanup(() => clearTimeout(timer))
  return <Show when={noticePart()}>{(part) => part().EmptyNotice(props)}</Show>
}
