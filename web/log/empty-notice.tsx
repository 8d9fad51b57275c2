/** Why there are no lines, in words: in the place of a log that has none to show. */
import { For, type JSX, Match, Show, Switch } from 'solid-js'
import { UnreachableNotice } from '../containers/host-notices.tsx'
import { isStopped, reachOf } from '../containers/roster.ts'
import { stateWords } from '../containers/words.ts'
import { heard, look, roster, status } from '../frame/live.ts'
import { Notice } from '../frame/notice.tsx'
import { addressOf } from '../frame/place.ts'

const UNFILTERED = { levels: [], stream: undefined, only: false, not: '' } as const

export interface EmptyNoticeProps {
  name: string
  /** When the stream is live, all of a short log is there. */
  isWhole: boolean
  /** Some lines are left out. */
  isFiltered: boolean
}

export function EmptyNotice(props: EmptyNoticeProps): JSX.Element {
  const container = () => roster().containers.get(props.name)
  const absent = () => (status().state?.state === 'absent' ? status().state : undefined)
  const reach = () => reachOf(roster().hosts)
  return (
    <Switch>
      <Match when={reach() === 'unreachable'}>
        <UnreachableNotice hosts={roster().hosts} />
      </Match>
      <Match when={status().refused}>
        {(why) => (
          <Notice title="Can't show these logs">
            <p>{why()}</p>
          </Notice>
        )}
      </Match>
      <Match when={status().unreadable}>
        {(gap) => (
          <Notice title={`Docker can't read the log of ${props.name}`}>
            <Show when={gap().reason === 'unreadable-driver'}>
              <p>
                Its log driver{' '}
                <Show when={gap().driver}>
                  <code>{gap().driver}</code>{' '}
                </Show>
                hands lines on without keeping them to be read back.
              </p>
            </Show>
            <Show when={gap().detail}>
              <p>Docker says: “{gap().detail}”</p>
            </Show>
            <Show
              when={gap().reason === 'unreadable-driver'}
              fallback={<p>Lines appear here as soon as Docker can read them.</p>}
            >
              <p>
                To see it here, run the container with <code>json-file</code>, <code>local</code> or{' '}
                <code>journald</code>:
              </p>
              <pre>docker run --log-driver local …</pre>
            </Show>
          </Notice>
        )}
      </Match>
      <Match when={reach() === 'connected' && container() === undefined && absent()}>
        {(state) => (
          <Notice title={`No container is called ${props.name}`}>
            <Show when={(state().closest ?? []).length > 0}>
              <p>
                Did you mean{' '}
                <For each={state().closest}>
                  {(key, i) => (
                    <>
                      {i() === 0 ? '' : i() === (state().closest?.length ?? 0) - 1 ? ' or ' : ', '}
                      <a href={addressOf({ view: 'container', key })}>{key}</a>
                    </>
                  )}
                </For>
                ?
              </p>
            </Show>
            <p>This page waits for it: when a container of this name is started, its lines appear here.</p>
          </Notice>
        )}
      </Match>
      <Match when={reach() === 'connected' && status().phase === 'live' && !props.isWhole && !status().peopled}>
        <Notice title={`There is no container of ${props.name}`}>
          <p>This page waits: when one is started, its lines appear here.</p>
        </Notice>
      </Match>
      <Match when={reach() === 'connected' && status().phase === 'live' && props.isFiltered}>
        <Show when={status().atStart} fallback={<Notice title="Looking for lines that match" class="late" />}>
          <Notice title="No line matches">
            <p>Searched the whole log. New matching lines will appear here.</p>
            <button type="button" class="action" onClick={() => look(UNFILTERED)}>
              Show all lines
            </button>
          </Notice>
        </Show>
      </Match>
      <Match when={reach() === 'connected' && status().phase === 'live' && (props.isWhole || status().atStart)}>
        <Notice title={`${props.name} has written nothing yet`}>
          <Show when={container()} fallback={<p>Its first line appears here.</p>}>
            {(it) => (
              <p>
                {(isStopped(it()) || it().restarts !== undefined) && `It is ${stateWords(it(), heard(it()))}. `}
                {isStopped(it())
                  ? 'When it is started again, its lines appear here.'
                  : 'Its first line appears here as it is written.'}
              </p>
            )}
          </Show>
        </Notice>
      </Match>
      <Match when={true}>
        <Notice title={`Reading the log of ${props.name}`} class="late" />
      </Match>
    </Switch>
  )
}
