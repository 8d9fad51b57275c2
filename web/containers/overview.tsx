/** The page at `/`: every container, its state in words and its image; or why there is none. */
import { createMemo, For, type JSX, Match, Show, Switch } from 'solid-js'
import type { Container } from '../../server/wire.ts'
import { now, roster } from '../frame/live.ts'
import { Notice } from '../frame/notice.tsx'
import { addressOf } from '../frame/place.ts'
import { NoContainersNotice, UnreachableNotice } from './host-notices.tsx'
import { arrange, reachOf } from './roster.ts'
import { imageName, mark, stateWords } from './words.ts'

export function Overview(): JSX.Element {
  const groups = createMemo(() => {
    const { groups: all, stopped } = arrange(roster().containers.values(), '', undefined, now())
    return stopped.length > 0 ? [...all, { name: 'stopped', keys: stopped }] : all
  })
  const names = createMemo(() => groups().map((group) => group.name), [], {
    equals: (a, b) => a.join('\n') === b.join('\n'),
  })
  const none = () => (roster().containers.size === 0 ? reachOf(roster().hosts) : undefined)
  return (
    <Switch>
      <Match when={none() === 'connecting'}>
        <Notice title="Looking for containers" class="late" />
      </Match>
      <Match when={none() === 'unreachable'}>
        <UnreachableNotice hosts={roster().hosts} />
      </Match>
      <Match when={none() === 'connected'}>
        <NoContainersNotice hosts={roster().hosts} />
      </Match>
      <Match when={true}>
        <div class="overview">
          <For each={names()}>
            {(name) => (
              <section>
                <h2>{name}</h2>
                <ul>
                  <For each={groups().find((group) => group.name === name)?.keys}>{(key) => <Entry key={key} />}</For>
                </ul>
              </section>
            )}
          </For>
        </div>
      </Match>
    </Switch>
  )
}

function Entry(props: { key: string }): JSX.Element {
  const container = createMemo((before: Container | undefined) => roster().containers.get(props.key) ?? before)
  return (
    <Show when={container()}>
      {(it) => (
        <li>
          <a href={addressOf({ view: 'container', key: props.key })}>
            <i class={`mark ${mark(it())}`} />
            <b>{it().key}</b>
            <span classList={{ bad: mark(it()) === 'failed' }}>{stateWords(it(), now())}</span>
            <span>{imageName(it().image)}</span>
          </a>
        </li>
      )}
    </Show>
  )
}
