/** What is in the menu of the top bar: how lines are shown, which of them, and what is done with them. */
import { type JSX, Show } from 'solid-js'
import type { TimeFormat } from '../log/time.ts'
import { Choice } from './choice.tsx'
import type { Look } from './place.ts'
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

const TIMES: Record<TimeFormat, string> = { local: 'local', utc: 'UTC', relative: 'relative', full: 'full' }

export interface MenuItemsProps {
  /** Undefined where there is no log. */
  look: Look | undefined
  /** The buttons that choose levels. */
  levels: () => JSX.Element
  onLook: (changes: Partial<Look>) => void
  onExclude: (text: string) => void
  onGoTo: () => void
  onPreviousError: () => void
  onPreviousRun: () => void
  onCopy: () => void
  onCopyMatches: () => void
  onFields: () => void
  onDownload: () => void
  onHelp: () => void
}

export function MenuItems(props: MenuItemsProps): JSX.Element {
  return (
    <>
      <Show when={props.look}>
        {(look) => (
          <>
            <div class="row-of levels-row">{props.levels()}</div>
            <Choice name="Time" options={TIMES} value={look().time} onChange={(time) => props.onLook({ time })} />
            <Choice
              name="Stream"
              options={{ both: 'both', stdout: 'stdout', stderr: 'stderr' }}
              value={look().stream ?? 'both'}
              onChange={(stream) => props.onLook({ stream: stream === 'both' ? undefined : stream })}
            />
            <label class="row-of">
              <span>Exclude</span>
              <input
                value={look().not}
                placeholder="lines containing"
                autocomplete="off"
                spellcheck={false}
                onInput={(event) => props.onExclude(event.currentTarget.value)}
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
        <Item words="Previous error" key="E" onClick={props.onPreviousError} />
        <Item words="Previous run" key="R" onClick={props.onPreviousRun} />
        <Item words="Go to time…" key=":" onClick={props.onGoTo} />
        <Item words="Fields…" key="f" onClick={props.onFields} />
        <Item words="Copy visible lines" onClick={props.onCopy} />
        <Show when={props.look?.q}>
          <Item words="Copy all matches" onClick={props.onCopyMatches} />
        </Show>
        <Item words="Download…" key="d" onClick={props.onDownload} />
      </Show>
      <Item words="Keyboard" key="?" onClick={props.onHelp} />
    </>
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
