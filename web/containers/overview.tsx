/** The page at `/`: every container, its state in words and its image; or why there is none. */
import { createMemo, type JSX, Match, Show, Switch } from 'solid-js'
import type { Container } from '../../server/wire.ts'
import { heard, place, roster } from '../frame/live.ts'
import { Notice } from '../frame/notice.tsx'
import { addressOf, isPage } from '../frame/place.ts'
import { GroupedList } from './grouped-list.tsx'
import { NoContainersNotice, UnreachableNotice } from './host-notices.tsx'
import { type Group, reachOf, STOPPED_GROUP } from './roster.ts'
import { arrangedAll } from './sidebar.tsx'
import { hasFailed, imageName, mark, stateWords } from './words.ts'

export function Overview(): JSX.Element {
  const groups = createMemo((): Group[] => {
    const { groups: all, stopped } = arrangedAll()
    return stopped.length > 0 ? [...all, { id: STOPPED_GROUP, name: 'stopped', keys: stopped }] : all
  })
  const none = () => (roster().containers.size === 0 ? reachOf(roster().hosts) : undefined)
  const isNone = createMemo(() => place() && !isPage(location.pathname, new URL(document.baseURI).pathname))
  return (
    <Switch>
      <Match when={isNone()}>
        <Notice title="There is no page at this address">
          <p>
            <a href={addressOf({ view: 'overview' })} target="_self">
              See all containers
            </a>
          </p>
        </Notice>
      </Match>
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
        <div class="overview" tabindex="-1">
          <GroupedList
            groups={groups()}
            heading={(group) => <h2>{group().name}</h2>}
            row={(key) => <Entry key={key} />}
          />
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
        <a href={addressOf({ view: 'container', key: props.key })} title={it().key}>
          <i class={`mark ${mark(it(), heard(it()))}`} />
          <b>{it().displayName ?? it().key}</b>
          <span classList={{ bad: hasFailed(it()) }}>{stateWords(it(), heard(it()))}</span>
          <span>{imageName(it().image)}</span>
        </a>
      )}
    </Show>
  )
}
