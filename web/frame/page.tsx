/** The page: sidebar, top bar, the view of the current place, foot; and the keys, which reach all of them. */
import { createSignal, type JSX, onCleanup, Show } from 'solid-js'
import { HostBanner } from '../containers/host-banner.tsx'
import { neighbour } from '../containers/roster.ts'
import { Sidebar, shownKeys } from '../containers/sidebar.tsx'
import { Foot } from '../log/foot.tsx'
import { LogView } from '../log/log-view.tsx'
import { nextFormat } from '../log/time.ts'
import type { ViewportStatus } from '../log/viewport-dom.ts'
import { Dialogs, openDialog } from './dialogs.tsx'
import { listen, type Shortcut, withMod } from './keys.ts'
import { currentKey, go, look, place, roster, session } from './live.ts'
import type { LogControls } from './log-controls.ts'
import { drawnOnDemand } from './on-demand.ts'
import { lookElsewhere, lookOf } from './place.ts'
import { folds, setFolds, setWrap, wrap } from './preferences.ts'
import { readStored, store } from './stored.ts'
import { TopBar, type TopBarHandle } from './top-bar.tsx'

const FOOT_MS = 200 // numbers that change faster than this cannot be read, only noticed

const phone = matchMedia('(max-width: 640px)')

export function Page(): JSX.Element {
  const [folded, setFolded] = createSignal(phone.matches || readStored('sidebar') === 'folded')
  const [drawn, setDrawn] = createSignal<ViewportStatus>({ following: true, fresh: 0 }, { equals: false })
  let controls: LogControls | undefined
  let bar: TopBarHandle | undefined
  let filterInput: HTMLInputElement | undefined

  const fold = (value: boolean) => {
    setFolded(value)
    if (!phone.matches) store('sidebar', value ? 'folded' : 'open')
  }
  const closeSheet = () => phone.matches && setFolded(true)
  const toggleFollow = () => (controls?.following ? controls.pause() : controls?.follow())
  const step = (by: 1 | -1) => {
    const key = neighbour(shownKeys(), currentKey(), by)
    if (key !== undefined) go({ view: 'container', key, look: lookElsewhere(place(), true) })
  }

  let footTimer: ReturnType<typeof setTimeout> | undefined
  let latest: ViewportStatus = drawn()
  const onDraw = (status: ViewportStatus) => {
    const turned = status.following !== latest.following
    latest = status
    if (turned) setDrawn(status)
    else
      footTimer ??= setTimeout(() => {
        footTimer = undefined
        setDrawn(latest)
      }, FOOT_MS)
  }
  onCleanup(() => clearTimeout(footTimer))

  const logEnd = () => {
    const store = session()?.store
    return store?.row(store.end - 1)?.seconds
  }
  const isSearching = () => session() !== undefined && lookOf(place()).q !== ''

  const when = () => controls !== undefined
  const shortcuts: Shortcut[] = [
    {
      keys: ['/', 'Mod+f'],
      shown: ['/', withMod('F')],
      says: 'search',
      when: () => when() && document.activeElement?.matches('.search input') !== true,
      run: () => bar?.focusSearch(),
    },
    {
      keys: ['n'],
      shown: ['n', 'Enter'],
      says: 'next match',
      when: () => when() && isSearching(),
      run: () => controls?.nextMatch(1),
    },
    {
      keys: ['N'],
      shown: ['N', 'Shift Enter'],
      says: 'previous match',
      when: () => when() && isSearching(),
      run: () => controls?.nextMatch(-1),
    },
    { keys: ['e'], says: 'next error', when, run: () => controls?.nextError(1) },
    { keys: ['E'], says: 'previous error', when, run: () => controls?.nextError(-1) },
    { keys: ['r'], says: 'beginning of the next run', when, run: () => controls?.nextRun(1) },
    { keys: ['R'], says: 'end of the previous run', when, run: () => controls?.nextRun(-1) },
    { keys: ['l'], says: 'levels', when, run: () => bar?.focusLevels() },
    { keys: [':'], says: 'go to a time', when, run: () => openDialog('goto') },
    { keys: ['d'], says: 'download', when, run: () => openDialog('download') },
    { keys: [' '], shown: ['Space'], says: 'pause, or go on', when, run: toggleFollow },
    { keys: ['G', 'End'], says: 'newest line, and follow', when, run: () => controls?.follow() },
    { keys: ['g', 'Home'], says: 'oldest line', when, run: () => controls?.toTop() },
    { keys: ['j', 'ArrowDown'], shown: ['j', '↓'], says: 'a line down', when, run: () => controls?.moveCurrent(1) },
    { keys: ['k', 'ArrowUp'], shown: ['k', '↑'], says: 'a line up', when, run: () => controls?.moveCurrent(-1) },
    { keys: ['PageDown'], shown: ['PgDn'], says: 'a screen down', when, run: () => controls?.scrollPages(1) },
    { keys: ['PageUp'], shown: ['PgUp'], says: 'a screen up', when, run: () => controls?.scrollPages(-1) },
    { keys: ['o'], says: 'open or close the line', when, run: () => controls?.toggleOpen() },
    { keys: ['z'], says: 'fold the stack trace', when, run: () => controls?.toggleFold() },
    { keys: ['Z'], says: 'fold all stack traces', when, run: () => setFolds(!folds()) },
    { keys: ['c'], says: 'copy the line, with its stack trace', when, run: () => controls?.copyLine() },
    { keys: ['y'], says: 'copy a link to the line', when, run: () => controls?.copyLink() },
    {
      keys: ['Mod+a'],
      shown: [withMod('A')],
      says: 'select all lines loaded',
      when,
      run: () => controls?.selectAll(),
    },
    { keys: ['t'], says: 'time format', when, run: () => look({ time: nextFormat(lookOf(place()).time) }) },
    { keys: ['w'], says: 'wrap lines', when, run: () => setWrap(!wrap()) },
    { keys: ['f'], says: 'fields as columns', when, run: () => openDialog('fields') },
    { keys: ['['], says: 'previous container', run: () => step(-1) },
    { keys: [']'], says: 'next container', run: () => step(1) },
    {
      keys: ['Mod+k'],
      shown: [withMod('K')],
      says: 'go to a container',
      run: () => {
        setFolded(false)
        filterInput?.focus()
        filterInput?.select()
      },
    },
    { keys: ['?'], says: 'this list', run: () => openDialog('help') },
    {
      keys: ['Escape'],
      shown: ['Esc'],
      says: 'close the nearest thing',
      when: () => document.querySelector(':popover-open') === null, // it closes by itself, as dialogs do
      run: () => {
        if (phone.matches && !folded()) closeSheet()
        else if (isSearching()) look({ q: '' })
        else controls?.closeNearest()
      },
    },
  ]
  onCleanup(listen(shortcuts))

  return (
    <div class="frame" classList={{ folded: folded() }}>
      <button type="button" class="skip" onClick={() => document.getElementById('log')?.focus()}>
        Skip to the log
      </button>
      <Sidebar
        ref={(input) => {
          filterInput = input
        }}
        onFold={() => fold(true)}
        onGo={closeSheet}
      />
      <div class="scrim" onClick={closeSheet} aria-hidden="true" />
      <main inert={!folded() && phone.matches}>
        <HostBanner hosts={roster().hosts} />
        <TopBar
          ref={(handle) => {
            bar = handle
          }}
          folded={folded()}
          controls={() => controls}
          onUnfold={() => fold(false)}
        />
        <div class="stage">
          <Show when={session()} keyed fallback={place().view === 'overview' && <LaterOverview />}>
            {(log) => (
              <LogView
                session={log}
                ref={(it) => {
                  controls = it
                }}
                onDraw={onDraw}
              />
            )}
          </Show>
        </div>
        <Foot session={session()} viewport={drawn()} onToggle={toggleFollow} />
      </main>
      <Dialogs shortcuts={shortcuts} controls={() => controls} latest={logEnd} />
    </div>
  )
}

const [overviewPart, loadOverview] = drawnOnDemand(() => import('../containers/overview.tsx'))

/** Apart from the rest, as a log's page does not need it. */
function LaterOverview(): JSX.Element {
  loadOverview()
  return <Show when={overviewPart()}>{(part) => part().Overview()}</Show>
}
