/** The menu of the top bar: how lines are shown, which of them, and what is done with them. */
import { createSignal, type JSX, Show } from 'solid-js'
import { TIME_FORMATS } from '../log/time.ts'
import { Choice } from './choice.tsx'
import { Levels } from './levels.tsx'
import type { LevelCounts } from './log-controls.ts'
import { bounded, type Look } from './place.ts'
import {
  density,
  folds,
  raw,
  setDensity,
  setFolds,
  setRaw,
  setSize,
  setTheme,
  setWrap,
  size,
  theme,
  wrap,
} from './preferences.ts'

const TIMES = Object.fromEntries(TIME_FORMATS.map((format) => [format, format === 'utc' ? 'UTC' : format])) as Record<
  Look['time'],
  string
>

interface MenuProps {
  ref: (menu: HTMLElement) => void
  /** Undefined where there is no log. */
  look: Look | undefined
  counts: LevelCounts | undefined
  onLook: (changes: Partial<Look>, how?: 'push' | 'replace') => void
  onGoTo: () => void
  onCopy: () => void
  onCopyMatches: () => void
  onFields: () => void
  onDownload: () => void
  onHelp: () => void
}

export function Menu(props: MenuProps): JSX.Element {
  const [wasOpened, setWasOpened] = createSignal(false)
  return (
    <div
      ref={props.ref}
      id="menu"
      class="menu"
      popover
      onBeforeToggle={(event) => {
        setWasOpened(true)
        placeUnderBar(event)
      }}
    >
      <Show when={wasOpened()}>
        <Show when={props.look}>
          {(look) => (
            <>
              <div class="row-of levels-row">
                <Levels on={look().levels} counts={props.counts} onChange={(levels) => props.onLook({ levels })} />
              </div>
              <Choice name="Time" options={TIMES} value={look().time} onChange={(time) => props.onLook({ time })} />
              <Choice
                name="Stream"
                options={{ both: 'both', stdout: 'stdout', stderr: 'stderr' }}
                value={look().stream ?? 'both'}
                onChange={(stream) => props.onLook({ stream: stream === 'both' ? undefined : stream })}
              />
              <label class="row-of">
                <span>Leave out</span>
                <input
                  value={look().not}
                  placeholder="lines with this text"
                  autocomplete="off"
                  spellcheck={false}
                  onInput={(event) => props.onLook({ not: bounded(event.currentTarget.value) }, 'replace')}
                />
              </label>
              <hr />
              <Check words="Wrap lines" key="w" on={wrap()} onChange={setWrap} />
              <Check words="Fold stack traces" key="Z" on={folds()} onChange={setFolds} />
              <Check words="Raw lines, as they are written" on={raw()} onChange={setRaw} />
              <hr />
              <Choice
                name="Density"
                options={{ comfortable: 'comfortable', compact: 'compact' }}
                value={density()}
                onChange={setDensity}
              />
              <Choice
                name="Text, px"
                options={{ 12: '12', 13: '13', 14: '14', 16: '16' }}
                value={size()}
                onChange={setSize}
              />
            </>
          )}
        </Show>
        <Choice
          name="Theme"
          options={{ system: 'system', light: 'light', dark: 'dark' }}
          value={theme()}
          onChange={setTheme}
        />
        <hr />
        <Show when={props.look}>
          <Item words="Go to time…" key=":" onClick={props.onGoTo} />
          <Item words="Fields…" key="f" onClick={props.onFields} />
          <Item words="Copy visible lines" onClick={props.onCopy} />
          <Show when={props.look?.q}>
            <Item words="Copy all matches" onClick={props.onCopyMatches} />
          </Show>
          <Item words="Download…" key="d" onClick={props.onDownload} />
        </Show>
        <Item words="Keyboard" key="?" onClick={props.onHelp} />
      </Show>
    </div>
  )
}

function Check(props: { words: string; key?: string; on: boolean; onChange: (on: boolean) => void }): JSX.Element {
  return (
    <label class="item">
      <input type="checkbox" checked={props.on} onChange={(event) => props.onChange(event.currentTarget.checked)} />
      {props.words}
      <Show when={props.key}>
        <span class="grow" />
        <kbd>{props.key}</kbd>
      </Show>
    </label>
  )
}

function Item(props: { words: string; key?: string; onClick: () => void }): JSX.Element {
  return (
    <button type="button" class="item" popovertarget="menu" popovertargetaction="hide" onClick={props.onClick}>
      {props.words}
      <Show when={props.key}>
        <span class="grow" />
        <kbd>{props.key}</kbd>
      </Show>
    </button>
  )
}

/** A banner above the bar moves it down; the menu, in the browser's top layer, has to be told. */
function placeUnderBar(event: Event & { currentTarget: HTMLElement }): void {
  const bar = event.currentTarget.parentElement?.getBoundingClientRect()
  if (bar !== undefined) event.currentTarget.style.top = `${bar.bottom - 4}px`
}
