/** The log of one container on the page: the viewport's element, and words where there are no lines. */
import {
  createEffect,
  createMemo,
  createSignal,
  For,
  type JSX,
  Match,
  onCleanup,
  onMount,
  Show,
  Switch,
  untrack,
} from 'solid-js'
import { laterTask } from '../api/later-task.ts'
import { UnreachableNotice } from '../containers/host-notices.tsx'
import { isStopped, reachOf, shortName } from '../containers/roster.ts'
import { stateWords } from '../containers/words.ts'
import { look, lookedAt, now, place, roster, status } from '../frame/live.ts'
import { type LogControls, say, setLevelCounts, setSearchStatus } from '../frame/log-controls.ts'
import { Notice } from '../frame/notice.tsx'
import { onDemand } from '../frame/on-demand.ts'
import { addressOf, DEFAULT_LOOK, filterQuery, lookOf } from '../frame/place.ts'
import { density, folds, raw, size, wrap } from '../frame/preferences.ts'
import { Controls, ERRORS } from './controls.ts'
import type { Row } from './line-store.ts'
import type { LogSearch } from './log-search.ts'
import { Minimap, sample } from './minimap-dom.ts'
import type { Surroundings } from './row-dom.ts'
import { later, seldom } from './seldom.ts'
import { type LogSession, loadHistory } from './session.ts'
import { showSurroundings } from './surroundings-dom.ts'
import { TIME_CHARS, timeText, zoneOf } from './time.ts'
import { Viewport, type ViewportStatus } from './viewport-dom.ts'

const STATUS_MS = 150 // counts and ticks that change faster cannot be read
const NOTED_MS = 600 // browsers refuse addresses that change too often
/** Of a row, as a multiple of its text's size: 20 and 16 px at 13. */
const ROW_HEIGHT = { comfortable: 1.54, compact: 1.25 } as const
const SOURCE_CHARS = 14
const loadSearch = onDemand(() => import('./log-search.ts'))
onDemand(loadHistory)
const loadColumns = onDemand(() => import('./columns.tsx'))
/** Once it was loaded, it is there for the next log with columns from the start. */
const [columnsPart, setColumnsPart] = createSignal<Awaited<ReturnType<typeof loadColumns>>>()

const UNFILTERED = { levels: [], stream: undefined, only: false, not: '' } as const

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
    if (fields().length > 0) void loadColumns().then(setColumnsPart)
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
    viewport.onCurrent = tellSoon
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
      if (!session.isFiltered) return undefined
      return (row, element) => void showSurroundings(element, row, session, shownIn, () => viewport.refresh())
    })
    createEffect(() => {
      const chosen = format()
      const at = chosen === 'relative' ? now() : 0
      stage?.style.setProperty('--time', `${TIME_CHARS[chosen]}ch`)
      viewport.look = {
        time: (row) => timeText(row, chosen, at),
        raw: raw(),
        surroundings: surroundings(),
        source: source(),
        columns: columns(),
      }
    })
    createEffect(() => {
      const sought = wanted()
      const lookFor = (it: LogSearch) =>
        untrack(() => it.look(sought, viewport.onScreen[1], filterQuery({ ...shown(), only: false })))
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
      <div class="log-stage" classList={{ merged: props.session.isMerged }} ref={stage}>
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
        <EmptyNotice name={props.session.key} isWhole={!props.session.isMerged} />
      </Show>
    </>
  )
}

/** What a container is called among others (`keys`, sorted), in no more characters than its column has; neighbours differ in colour. */
function sourceOf({ source }: Row, keys: readonly string[]): { name: string; hue: number } {
  const container = untrack(roster).containers.get(source)
  const name = container === undefined ? source : shortName(container)
  let before = 0
  for (let end = keys.length; before < end; ) {
    const middle = (before + end) >> 1
    if ((keys[middle] ?? '') < source) before = middle + 1
    else end = middle
  }
  return { name: name.length > SOURCE_CHARS ? `${name.slice(0, SOURCE_CHARS - 1)}…` : name, hue: before % HUES }
}

/** Why there are no lines, in words. `isWhole`: when the stream is live, all of a short log is there. */
function EmptyNotice(props: { name: string; isWhole: boolean }): JSX.Element {
  const container = () => roster().containers.get(props.name)
  const absent = () => (status().state?.state === 'absent' ? status().state : undefined)
  const reach = () => reachOf(roster().hosts)
  const isFiltered = () => Object.keys(filterQuery(lookOf(place()))).length > 0
  return (
    <Switch>
      <Match when={reach() === 'unreachable'}>
        <UnreachableNotice hosts={roster().hosts} />
      </Match>
      <Match when={status().refused}>
        {(why) => (
          <Notice title="Can't show these logs">
            <p>{why()}</p>
          </Notice>
        )}
      </Match>
      <Match when={status().unreadable}>
        {(gap) => (
          <Notice title={`Docker can't read the log of ${props.name}`}>
            <Show when={gap().reason === 'unreadable-driver'}>
              <p>
                Its log driver{' '}
                <Show when={gap().driver}>
                  <code>{gap().driver}</code>{' '}
                </Show>
                hands lines on without keeping them to be read back.
              </p>
            </Show>
            <Show when={gap().detail}>
              <p>Docker says: “{gap().detail}”</p>
            </Show>
            <Show
              when={gap().reason === 'unreadable-driver'}
              fallback={<p>Lines appear here as soon as Docker can read them.</p>}
            >
              <p>
                To see it here, run the container with <code>json-file</code>, <code>local</code> or{' '}
                <code>journald</code>:
              </p>
              <pre>docker run --log-driver local …</pre>
            </Show>
          </Notice>
        )}
      </Match>
      <Match when={reach() === 'connected' && container() === undefined && absent()}>
        {(state) => (
          <Notice title={`No container is called ${props.name}`}>
            <Show when={(state().closest ?? []).length > 0}>
              <p>
                Did you mean{' '}
                <For each={state().closest}>
                  {(key, i) => (
                    <>
                      {i() === 0 ? '' : i() === (state().closest?.length ?? 0) - 1 ? ' or ' : ', '}
                      <a href={addressOf({ view: 'container', key })}>{key}</a>
                    </>
                  )}
                </For>
                ?
              </p>
            </Show>
            <p>This page waits for it: when a container of this name is started, its lines appear here.</p>
          </Notice>
        )}
      </Match>
      <Match when={reach() === 'connected' && status().phase === 'live' && !props.isWhole && !status().peopled}>
        <Notice title={`There is no container of ${props.name}`}>
          <p>This page waits: when one is started, its lines appear here.</p>
        </Notice>
      </Match>
      <Match when={reach() === 'connected' && status().phase === 'live' && isFiltered()}>
        <Show when={status().atStart} fallback={<Notice title="Looking for lines that match" class="late" />}>
          <Notice title="No line matches">
            <p>All that Docker keeps of the log was looked at. What is written and matches appears here.</p>
            <button type="button" class="action" onClick={() => look(UNFILTERED)}>
              Show all lines
            </button>
          </Notice>
        </Show>
      </Match>
      <Match when={reach() === 'connected' && status().phase === 'live' && (props.isWhole || status().atStart)}>
        <Notice title={`${props.name} has written nothing yet`}>
          <Show when={container()} fallback={<p>Its first line appears here.</p>}>
            {(it) => (
              <p>
                {isStopped(it())
                  ? `It is ${stateWords(it(), now())}. When it is started again, its lines appear here.`
                  : 'Its first line appears here as it is written.'}
              </p>
            )}
          </Show>
        </Notice>
      </Match>
      <Match when={true}>
        <Notice title={`Reading the log of ${props.name}`} class="late" />
      </Match>
    </Switch>
  )
}
