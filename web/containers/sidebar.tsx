/** The sidebar: every container, in its project, with its state. Type to filter; arrows and Enter go. */
import { createEffect, createMemo, createRoot, createSignal, createUniqueId, For, type JSX, on, Show } from 'solid-js'
import type { Container } from '../../server/wire.ts'
import { BrandIcon, ChevronIcon, SidebarIcon } from '../frame/icons.tsx'
import { withMod } from '../frame/keys.ts'
import { currentKey, go, heard, now, place, roster } from '../frame/live.ts'
import { addressOf, isNarrowed, lookElsewhere, selectionName } from '../frame/place.ts'
import { keeps, setKeeps } from '../frame/preferences.ts'
import { GroupedList, type ListHandle } from './grouped-list.tsx'
import { arrange, type Group, OTHER, STOPPED_GROUP, sameKeys } from './roster.ts'
import { mark, quietFact, shortName, stateWords } from './words.ts'

const [filter, setFilter] = createSignal('')
const [unfolded, setUnfolded] = createSignal(false)

const showsStopped = () => unfolded() || filter().trim() !== ''

/** All of them: what the overview shows, too. */
export const arrangedAll = createRoot(() =>
  createMemo(() => arrange(roster().containers.values(), '', currentKey(), now())),
)

const arranged = createRoot(() =>
  createMemo(() =>
    filter() === '' ? arrangedAll() : arrange(roster().containers.values(), filter(), currentKey(), now()),
  ),
)

/** As they are drawn: what is folded has no rows. */
const groups = createRoot(() =>
  createMemo((): Group[] => {
    const { groups: all, stopped } = arranged()
    if (stopped.length === 0) return all
    return [...all, { id: STOPPED_GROUP, name: 'stopped', keys: showsStopped() ? stopped : [] }]
  }),
)

/** The keys in the order in which the sidebar shows them: what the previous and next container mean. */
export const shownKeys = createRoot(() =>
  createMemo(() => groups().flatMap((group) => group.keys), [], { equals: sameKeys }),
)

/** How the logs that the list leads to are looked at. */
const look = createRoot(() =>
  createMemo(() => lookElsewhere(place(), keeps()), undefined, {
    equals: (a, b) => JSON.stringify(a) === JSON.stringify(b),
  }),
)

export function Sidebar(props: {
  ref: (input: HTMLInputElement) => void
  onFold: () => void
  onGo: () => void
}): JSX.Element {
  const firstHit = () => (filter().trim() === '' ? undefined : shownKeys()[0])
  const listId = createUniqueId()
  let nav: HTMLElement | undefined
  let list: ListHandle | undefined

  // The container on screen is in sight, also when the list comes later.
  const isListed = createMemo(() => shownKeys().includes(currentKey() ?? ''))
  createEffect(on([currentKey, isListed], ([key]) => key !== undefined && list?.reveal(key)))

  const moveFocus = (event: KeyboardEvent & { currentTarget: HTMLElement }, step: 1 | -1) => {
    const keys = shownKeys()
    const at = keys.indexOf(list?.focused() ?? '')
    event.preventDefault()
    if (at + step < 0) document.querySelector<HTMLElement>('.find input')?.focus()
    else list?.reveal(keys[at + step] ?? '')?.focus()
  }
  const onInputKey = (event: KeyboardEvent & { currentTarget: HTMLInputElement }) => {
    const first = shownKeys()[0]
    if (event.key === 'ArrowDown') moveFocus(event, 1)
    else if (event.key === 'Enter' && first !== undefined) {
      go({ view: 'container', key: first, look: look() })
      setFilter('')
      props.onGo()
      leave(event.currentTarget)
    } else if (event.key === 'Escape') {
      event.preventDefault()
      if (filter() === '') leave(event.currentTarget)
      setFilter('')
    }
  }
  const onNavKey = (event: KeyboardEvent & { currentTarget: HTMLElement }) => {
    if (event.key === 'ArrowDown') moveFocus(event, 1)
    else if (event.key === 'ArrowUp') moveFocus(event, -1)
  }

  return (
    <aside class="sidebar" aria-label="Containers" id="sidebar">
      <header>
        <a class="brand" href={addressOf({ view: 'overview' })}>
          <BrandIcon />
          Sluice
        </a>
        <button
          type="button"
          class="icon"
          aria-label="Hide the sidebar"
          title="Hide the sidebar"
          onClick={props.onFold}
        >
          <SidebarIcon />
        </button>
      </header>
      <div class="find">
        <input
          ref={props.ref}
          value={filter()}
          placeholder="Filter containers"
          aria-label="Filter containers"
          aria-controls={listId}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => {
            setFilter(event.currentTarget.value)
            nav?.scrollTo(0, 0)
          }}
          onKeyDown={onInputKey}
        />
        <kbd>{withMod('K')}</kbd>
      </div>
      <nav id={listId} ref={nav} aria-label="Containers" tabindex="-1" onKeyDown={onNavKey} onClick={props.onGo}>
        <GroupedList
          ref={(handle) => {
            list = handle
          }}
          groups={groups()}
          heading={(group) => <Heading group={group()} />}
          row={(key) => <Row key={key} isHit={firstHit() === key} />}
        />
        <Show when={filter().trim() !== '' && shownKeys().length === 0}>
          <p class="none">No container matches.</p>
        </Show>
      </nav>
      <Show when={isNarrowed(place())}>
        <label class="keep">
          <input type="checkbox" checked={keeps()} onChange={(event) => setKeeps(event.currentTarget.checked)} />
          Keep search and levels
        </label>
      </Show>
      <footer>
        <For each={roster().hosts}>
          {(host) => (
            <div classList={{ bad: host.state === 'unreachable' }}>
              {host.name}
              {host.state === 'connected'
                ? host.version
                  ? ` · ${host.version.replace(/\+.*/, '')}` // without the packager's suffix
                  : ''
                : host.state === 'connecting'
                  ? ' · connecting'
                  : ' · does not answer'}
              {host.state === 'connected' && ` · ${running(host.name)} running`}
            </div>
          )}
        </For>
      </footer>
    </aside>
  )
}

/** To the log, if there is one, where keys are shortcuts and no letters. */
function leave(input: HTMLElement): void {
  const log = document.getElementById('log')
  if (log === null) input.blur()
  else log.focus({ preventScroll: true })
}

function Heading(props: { group: Group }): JSX.Element {
  const { id } = props.group
  if (id === STOPPED_GROUP)
    return (
      <button
        type="button"
        class="fold"
        aria-expanded={showsStopped()}
        onClick={(event) => {
          event.stopPropagation()
          setUnfolded(!unfolded())
        }}
      >
        stopped <span>{arranged().stopped.length}</span>
        <ChevronIcon />
      </button>
    )
  const selection = () => props.group.selection ?? { containers: [], projects: [], labels: [] }
  const isOnScreen = () => {
    const at = place()
    return at.view === 'merged' && selectionName(at.selection) === selectionName(selection())
  }
  return (
    <h2>
      <Show when={id !== OTHER} fallback={<span>{props.group.name}</span>}>
        <a
          href={addressOf({ view: 'merged', selection: selection(), look: look() })}
          aria-current={isOnScreen() ? 'page' : undefined}
          title={`All of ${id}, merged by time`}
        >
          {id}
        </a>
      </Show>
      <span>{props.group.keys.length}</span>
    </h2>
  )
}

function running(host: string): number {
  let count = 0
  for (const container of roster().containers.values())
    if (container.host === host && container.state === 'running') count++
  return count
}

/** A container that changes keeps its elements, and with them hover and focus. */
function Row(props: { key: string; isHit: boolean }): JSX.Element {
  const container = createMemo((before: Container | undefined) => roster().containers.get(props.key) ?? before)
  return (
    <Show when={container()}>
      {(it) => (
        <a
          href={addressOf({ view: 'container', key: props.key, look: look() })}
          classList={{ hit: props.isHit }}
          aria-current={currentKey() === props.key ? 'page' : undefined}
          title={`${it().key} · ${stateWords(it(), heard(it()))}`}
        >
          <i class={`mark ${mark(it(), heard(it()))}`} />
          <span>{shortName(it())}</span>
          <Show when={quietFact(it(), heard(it()))}>{(fact) => <em>{fact()}</em>}</Show>
        </a>
      )}
    </Show>
  )
}
