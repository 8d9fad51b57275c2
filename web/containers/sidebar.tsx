/** The sidebar: every container, in its project, with its state. Type to filter; arrows and Enter go. */
import { createMemo, createSignal, createUniqueId, For, type JSX, Show } from 'solid-js'
import type { Container } from '../../server/wire.ts'
import { BrandIcon, ChevronIcon, SidebarIcon } from '../frame/icons.tsx'
import { withMod } from '../frame/keys.ts'
import { currentKey, go, now, place, roster } from '../frame/live.ts'
import { addressOf, besides, lookOf } from '../frame/place.ts'
import { arrange, type Grouping, OTHER, shortName } from './roster.ts'
import { mark, quietFact, stateWords } from './words.ts'

const [filter, setFilter] = createSignal('')
const [unfolded, setUnfolded] = createSignal(false)

const sameKeys = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((key, i) => key === b[i])

/** The keys in the order in which the sidebar shows them: what the previous and next container mean. */
export function shownKeys(): string[] {
  const { groups, stopped } = arranged()
  return [...groups.flatMap((group) => group.keys), ...(showsStopped() ? stopped : [])]
}

function arranged(): Grouping {
  return arrange(roster().containers.values(), filter(), currentKey(), now())
}

const showsStopped = () => unfolded() || filter().trim() !== ''

export function Sidebar(props: {
  ref: (input: HTMLInputElement) => void
  onFold: () => void
  onGo: () => void
}): JSX.Element {
  const grouping = createMemo(arranged)
  const groupNames = createMemo(() => grouping().groups.map((group) => group.name), undefined, { equals: sameKeys })
  const stopped = createMemo(() => grouping().stopped, undefined, { equals: sameKeys })
  const firstHit = () => (filter().trim() === '' ? undefined : shownKeys()[0])
  const listId = createUniqueId()
  let nav: HTMLElement | undefined

  const links = () => [...(nav?.querySelectorAll<HTMLAnchorElement>('li a') ?? [])]
  const moveFocus = (event: KeyboardEvent & { currentTarget: HTMLElement }, step: 1 | -1) => {
    const all = links()
    const at = all.indexOf(document.activeElement as HTMLAnchorElement)
    event.preventDefault()
    if (at + step < 0) document.querySelector<HTMLElement>('.find input')?.focus()
    else all[at + step]?.focus()
  }
  const onInputKey = (event: KeyboardEvent & { currentTarget: HTMLInputElement }) => {
    const first = shownKeys()[0]
    if (event.key === 'ArrowDown') moveFocus(event, 1)
    else if (event.key === 'Enter' && first !== undefined) {
      go(besides(place(), first))
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
          onInput={(event) => setFilter(event.currentTarget.value)}
          onKeyDown={onInputKey}
        />
        <kbd>{withMod('K')}</kbd>
      </div>
      <nav id={listId} ref={nav} aria-label="Containers" onKeyDown={onNavKey} onClick={props.onGo}>
        <For each={groupNames()}>
          {(name) => {
            const keys = createMemo(() => grouping().groups.find((group) => group.name === name)?.keys ?? [], [], {
              equals: sameKeys,
            })
            return (
              <>
                <h2>
                  <Show when={name !== OTHER} fallback={<span>{name}</span>}>
                    <a
                      href={addressOf({ view: 'merged', selection: { containers: [], projects: [name], labels: [] } })}
                      aria-current={isMerged(name) ? 'page' : undefined}
                      title={`All of ${name}, merged by time`}
                    >
                      {name}
                    </a>
                  </Show>
                  <span>{keys().length}</span>
                </h2>
                <Rows keys={keys()} hit={firstHit()} />
              </>
            )
          }}
        </For>
        <Show when={stopped().length > 0}>
          <button
            type="button"
            class="fold"
            aria-expanded={showsStopped()}
            onClick={(event) => {
              event.stopPropagation()
              setUnfolded(!unfolded())
            }}
          >
            stopped <span>{stopped().length}</span>
            <ChevronIcon />
          </button>
          <Show when={showsStopped()}>
            <Rows keys={stopped()} hit={firstHit()} />
          </Show>
        </Show>
        <Show when={filter().trim() !== '' && shownKeys().length === 0}>
          <p class="none">No container matches.</p>
        </Show>
      </nav>
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

/** Whether the logs of that project are on screen. */
function isMerged(project: string): boolean {
  const at = place()
  return at.view === 'merged' && at.selection.projects.includes(project)
}

function running(host: string): number {
  let count = 0
  for (const container of roster().containers.values())
    if (container.host === host && container.state === 'running') count++
  return count
}

/** Rows by key: a container that changes keeps its elements, and with them hover and focus. */
function Rows(props: { keys: readonly string[]; hit: string | undefined }): JSX.Element {
  const time = createMemo(() => lookOf(place()).time)
  return (
    <ul>
      <For each={props.keys}>
        {(key) => {
          const container = createMemo((before: Container | undefined) => roster().containers.get(key) ?? before)
          return (
            <Show when={container()}>
              {(it) => (
                <li>
                  <a
                    href={addressOf({ view: 'container', key, look: { time: time() } })}
                    classList={{ hit: props.hit === key }}
                    aria-current={currentKey() === key ? 'page' : undefined}
                    title={`${it().key} · ${stateWords(it(), now())}`}
                  >
                    <i class={`mark ${mark(it())}`} />
                    <span>{shortName(it())}</span>
                    <Show when={quietFact(it())}>
                      <em>{quietFact(it())}</em>
                    </Show>
                  </a>
                </li>
              )}
            </Show>
          )
        }}
      </For>
    </ul>
  )
}
