/** The top bar: which container, its state in words, search, levels, and the menu. */
import { createEffect, createMemo, type JSX, Show } from 'solid-js'
import { reachOf } from '../containers/roster.ts'
import { hasFailed, imageName, stateWords } from '../containers/words.ts'
import { openDialog } from './dialogs.tsx'
import { MenuIcon, SidebarIcon } from './icons.tsx'
import { Levels } from './levels.tsx'
import { currentKey, heard, look, place, roster, session, status } from './live.ts'
import { type LogControls, levelCounts, searchStatus } from './log-controls.ts'
import { Menu } from './menu.tsx'
import { bounded } from './place.ts'
import { Search } from './search.tsx'

/** What keys reach of the bar. None does anything where there is no log. */
export interface TopBarHandle {
  focusSearch(): void
  focusLevels(): void
}

interface TopBarProps {
  ref: (handle: TopBarHandle) => void
  folded: boolean
  controls: () => LogControls | undefined
  onUnfold: () => void
}

export function TopBar(props: TopBarProps): JSX.Element {
  let bar: HTMLElement | undefined
  let menu: HTMLElement | undefined
  let focusSearch = () => {}

  const container = () => {
    const key = currentKey()
    return key === undefined ? undefined : roster().containers.get(key)
  }
  createEffect(() => {
    const name = container()?.displayName
    if (name !== undefined) document.title = `${name} · Sluice`
  })
  const words = () => {
    const it = container()
    if (it !== undefined) return `${stateWords(it, heard(it))} · ${imageName(it.image)}`
    if (place().view === 'merged') return 'merged, by time'
    if (currentKey() === undefined) return roster().containers.size > 0 ? 'choose one to see its log' : ''
    if (reachOf(roster().hosts) !== 'connected') return ''
    return status().phase !== 'opening' ? 'waiting for a container of this name' : ''
  }
  const bad = () => {
    const it = container()
    return it !== undefined && hasFailed(it)
  }
  const shown = createMemo(() => {
    const at = place()
    return at.view === 'overview' ? undefined : at
  })
  const levels = () => (
    <Levels on={shown()?.look.levels ?? []} counts={levelCounts()} onChange={(levels) => look({ levels })} />
  )
  const hides = () => shown()?.look.stream !== undefined || (shown()?.look.not ?? '') !== ''

  const focusLevels = () => {
    const first = (within: HTMLElement | undefined) => within?.querySelector<HTMLElement>('.levels button')
    const inBar = first(bar)
    if (inBar?.checkVisibility()) inBar.focus()
    else if (shown() !== undefined) {
      goesToLevels = true
      menu?.showPopover()
    }
  }
  /** The menu was opened for its levels. */
  let goesToLevels = false
  const onMenu = () => {
    if (goesToLevels) menu?.querySelector<HTMLElement>('.levels button')?.focus()
    goesToLevels = false
  }
  props.ref({ focusSearch: () => focusSearch(), focusLevels })

  return (
    <header class="bar" ref={bar}>
      <Show when={props.folded}>
        <button
          type="button"
          class="icon"
          aria-label="Show the containers"
          title="Show the containers"
          onClick={props.onUnfold}
        >
          <SidebarIcon />
        </button>
      </Show>
      <h1 title={session()?.key}>{container()?.displayName ?? session()?.key ?? 'Containers'}</h1>
      <span class="words" classList={{ bad: bad() }}>
        {words()}
      </span>
      <Show when={shown()}>
        {(at) => (
          <>
            <Search
              ref={(focus) => {
                focusSearch = focus
              }}
              look={at().look}
              status={searchStatus()}
              onLook={look}
              onStep={(by) => props.controls()?.nextMatch(by)}
              onLeave={() => document.getElementById('log')?.focus({ preventScroll: true })}
            />
            {levels()}
          </>
        )}
      </Show>
      <button
        type="button"
        class="icon more"
        classList={{ hides: hides(), levelled: (shown()?.look.levels.length ?? 0) > 0 }}
        aria-label={hides() ? 'Menu; some lines are left out' : 'Menu'}
        title="Menu"
        popovertarget="menu"
      >
        <MenuIcon />
      </button>
      <Menu
        ref={(element) => {
          menu = element
        }}
        onOpened={onMenu}
        look={shown()?.look}
        levels={levels}
        onLook={look}
        onExclude={(text) => look({ not: bounded(text) }, 'replace')}
        onPreviousError={() => props.controls()?.nextError(-1)}
        onPreviousRun={() => props.controls()?.nextRun(-1)}
        onGoTo={() => openDialog('goto')}
        onFields={() => openDialog('fields')}
        onCopy={() => props.controls()?.copyVisible()}
        onCopyMatches={() => props.controls()?.copyMatches()}
        onDownload={() => openDialog('download')}
        onHelp={() => openDialog('help')}
      />
    </header>
  )
}
