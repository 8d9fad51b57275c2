/** Which levels are shown. The first press shows one alone, further ones add or take away, and none left are all. */
import { For, type JSX, Show } from 'solid-js'
import { groupDigits } from '../log/number.ts'
import type { LevelCounts } from './log-controls.ts'
import { toggleLevels } from './place.ts'

/** Seven levels are more than anyone tells apart in a hurry: four buttons, each with its neighbour. */
const GROUPS = [
  { name: 'error', levels: ['error', 'fatal'], also: ' and fatal' },
  { name: 'warn', levels: ['warn'], also: '' },
  { name: 'info', levels: ['info', 'none'], also: ', and lines that name no level' },
  { name: 'debug', levels: ['debug', 'trace'], also: ' and trace' },
] as const

interface LevelsProps {
  /** Empty: all. */
  on: readonly string[]
  counts: LevelCounts | undefined
  onChange: (levels: readonly string[]) => void
}

export function Levels(props: LevelsProps): JSX.Element {
  const pressed = (levels: readonly string[]) => {
    const on = levels.filter((level) => props.on.includes(level)).length
    if (props.on.length === 0 || on === levels.length) return 'true'
    return on === 0 ? 'false' : 'mixed'
  }
  const count = (name: string) => (name === 'error' || name === 'warn' ? props.counts?.[name] : undefined)
  return (
    <fieldset class="levels" classList={{ chosen: props.on.length > 0 }} aria-label="Levels" onKeyDown={moveFocus}>
      <For each={GROUPS}>
        {(group) => (
          <button
            type="button"
            class={group.name}
            aria-pressed={pressed(group.levels)}
            title={titleOf(group, count(group.name), props.counts?.isWhole)}
            onClick={() => props.onChange(toggleLevels(props.on, group.levels))}
          >
            {group.name}
            <Show when={count(group.name) !== undefined}>
              {' '}
              <b classList={{ zero: count(group.name) === 0 }}>
                {short(count(group.name) ?? 0, props.counts?.isWhole)}
              </b>
            </Show>
          </button>
        )}
      </For>
    </fieldset>
  )
}

function titleOf(group: (typeof GROUPS)[number], count: number | undefined, isWhole = false): string {
  const counted =
    count === undefined ? '' : `: ${groupDigits(count)}${isWhole ? '' : ' loaded; the log has more lines'}`
  return `${group.name}${group.also}${counted}`
}

/** `26`, or `26+` where lines are not loaded that may add to it. In four characters, so that a count which runs moves nothing. */
function short(count: number, isWhole = false): string {
  const more = isWhole ? '' : '+'
  if (count < 1000) return `${count}${more}`
  if (more !== '' && count >= 100_000 && count < 1_000_000) return `.${Math.floor(count / 100_000)}M+`
  return (count < 1_000_000 ? `${Math.floor(count / 1000)}k` : `${Math.floor(count / 1_000_000)}M`) + more
}

function moveFocus(event: KeyboardEvent): void {
  const step =
    event.key === 'ArrowRight' ? 'nextElementSibling' : event.key === 'ArrowLeft' ? 'previousElementSibling' : undefined
  const next = step && event.target instanceof Element ? event.target[step] : undefined
  if (!(next instanceof HTMLElement)) return
  event.preventDefault()
  next.focus()
}
