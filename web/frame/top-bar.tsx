/** The top bar: which container, its state in words, and the menu. */
import { For, type JSX, Show } from 'solid-js'
import { reachOf } from '../containers/roster.ts'
import { imageName, stateWords } from '../containers/words.ts'
import { MenuIcon, SidebarIcon } from './icons.tsx'
import { currentKey, now, roster, status } from './live.ts'
import { chooseTheme, THEMES, theme } from './theme.ts'

interface TopBarProps {
  folded: boolean
  onUnfold: () => void
  onHelp: () => void
}

export function TopBar(props: TopBarProps): JSX.Element {
  const container = () => {
    const key = currentKey()
    return key === undefined ? undefined : roster().containers.get(key)
  }
  const words = () => {
    const it = container()
    if (it !== undefined) return `${stateWords(it, now())} · ${imageName(it.image)}`
    if (currentKey() === undefined) return roster().containers.size > 0 ? 'choose one to see its log' : ''
    if (reachOf(roster().hosts) !== 'connected') return ''
    return status().phase !== 'opening' ? 'waiting for a container of this name' : ''
  }
  const bad = () => {
    const it = container()
    return it?.state === 'dead' || (it?.state === 'exited' && it.exitCode !== 0)
  }
  return (
    <header class="bar">
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
      <h1>{currentKey() ?? 'Containers'}</h1>
      <span class="words" classList={{ bad: bad() }}>
        {words()}
      </span>
      <button type="button" class="icon" aria-label="Menu" title="Menu" popovertarget="menu">
        <MenuIcon />
      </button>
      <div id="menu" class="menu" popover onBeforeToggle={placeUnderBar}>
        <fieldset>
          <legend>Theme</legend>
          <For each={THEMES}>
            {(name) => (
              <label>
                <input type="radio" name="theme" checked={theme() === name} onChange={() => chooseTheme(name)} />
                {name[0]?.toUpperCase() + name.slice(1)}
              </label>
            )}
          </For>
        </fieldset>
        <hr />
        <button type="button" popovertarget="menu" popovertargetaction="hide" onClick={props.onHelp}>
          Keyboard
          <span class="grow" />
          <kbd>?</kbd>
        </button>
      </div>
    </header>
  )
}

/** A banner above the bar moves it down; the menu, in the browser's top layer, has to be told. */
function placeUnderBar(event: Event & { currentTarget: HTMLElement }): void {
  const bar = event.currentTarget.parentElement?.getBoundingClientRect()
  if (bar !== undefined) event.currentTarget.style.top = `${bar.bottom - 4}px`
}
