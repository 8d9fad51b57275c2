/** The page: sidebar, top bar, the view of the current place, foot; and the keys, which reach all of them. */
import { createSignal, type JSX, onCleanup, Show } from 'solid-js'
import { DemoBanner } from '../containers/host-notices.tsx'
import { Overview } from '../containers/overview.tsx'
import { neighbour } from '../containers/roster.ts'
import { Sidebar, shownKeys } from '../containers/sidebar.tsx'
import { Foot } from '../log/foot.tsx'
import { LogView } from '../log/log-view.tsx'
import type { Viewport, ViewportStatus } from '../log/viewport-dom.ts'
import { Help } from './help.tsx'
import { IS_MAC, listen, type Shortcut } from './keys.ts'
import { currentKey, go, roster, session } from './live.ts'
import { readStored, store } from './stored.ts'
import { TopBar } from './top-bar.tsx'

const FOOT_MS = 200 // numbers that change faster than this cannot be read, only noticed

const phone = matchMedia('(max-width: 640px)')

export function Page(): JSX.Element {
  const [folded, setFolded] = createSignal(phone.matches || readStored('sidebar') === 'folded')
  const [drawn, setDrawn] = createSignal<ViewportStatus>({ following: true, fresh: 0 }, { equals: false })
  let viewport: Viewport | undefined
  let filterInput: HTMLInputElement | undefined
  let help: HTMLDialogElement | undefined

  const fold = (value: boolean) => {
    setFolded(value)
    if (!phone.matches) store('sidebar', value ? 'folded' : 'open')
  }
  const closeSheet = () => phone.matches && setFolded(true)
  const toggleFollow = () => (viewport?.following ? viewport.pause() : viewport?.follow())
  const step = (by: 1 | -1) => {
    const key = neighbour(shownKeys(), currentKey(), by)
    if (key !== undefined) go({ view: 'container', key })
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

  const when = () => viewport !== undefined
  const shortcuts: Shortcut[] = [
    { keys: [' '], shown: ['Space'], says: 'pause, or go on', when, run: toggleFollow },
    { keys: ['G', 'End'], says: 'newest line, and follow', when, run: () => viewport?.follow() },
    { keys: ['g', 'Home'], says: 'oldest line', when, run: () => viewport?.toTop() },
    { keys: ['j', 'ArrowDown'], shown: ['j', '↓'], says: 'a line down', when, run: () => viewport?.scrollRows(1) },
    { keys: ['k', 'ArrowUp'], shown: ['k', '↑'], says: 'a line up', when, run: () => viewport?.scrollRows(-1) },
    { keys: ['PageDown'], shown: ['PgDn'], says: 'a screen down', when, run: () => viewport?.scrollPages(1) },
    { keys: ['PageUp'], shown: ['PgUp'], says: 'a screen up', when, run: () => viewport?.scrollPages(-1) },
    { keys: ['['], says: 'previous container', run: () => step(-1) },
    { keys: [']'], says: 'next container', run: () => step(1) },
    {
      keys: ['Mod+k'],
      shown: IS_MAC ? ['⌘', 'K'] : ['Ctrl', 'K'],
      says: 'filter containers; Enter goes to the first',
      run: () => {
        setFolded(false)
        filterInput?.focus()
        filterInput?.select()
      },
    },
    { keys: ['?'], says: 'this list', run: () => help?.showModal() },
    {
      keys: ['Escape'],
      shown: ['Esc'],
      says: 'close the nearest thing',
      when: () => phone.matches && !folded(), // menu, dialog and filter close by themselves
      run: closeSheet,
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
        <DemoBanner hosts={roster().hosts} />
        <TopBar folded={folded()} onUnfold={() => fold(false)} onHelp={() => help?.showModal()} />
        <div class="stage">
          <Show when={session()} keyed fallback={<Overview />}>
            {(log) => (
              <LogView
                session={log}
                ref={(it) => {
                  viewport = it
                }}
                onDraw={onDraw}
              />
            )}
          </Show>
        </div>
        <Foot session={session()} viewport={drawn()} onToggle={toggleFollow} />
      </main>
      <Help
        ref={(dialog) => {
          help = dialog
        }}
        shortcuts={shortcuts}
      />
    </div>
  )
}
