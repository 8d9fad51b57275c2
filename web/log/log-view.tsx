/** The log of one container on the page: the viewport's element, and words where there are no lines. */
import { For, type JSX, Match, onCleanup, onMount, Show, Switch } from 'solid-js'
import { UnreachableNotice } from '../containers/host-notices.tsx'
import { isStopped, reachOf } from '../containers/roster.ts'
import { stateWords } from '../containers/words.ts'
import { now, roster, status } from '../frame/live.ts'
import { Notice } from '../frame/notice.tsx'
import { addressOf } from '../frame/place.ts'
import type { LogSession } from './session.ts'
import { Viewport, type ViewportStatus } from './viewport-dom.ts'

interface LogViewProps {
  session: LogSession
  ref: (viewport: Viewport | undefined) => void
  onDraw: (status: ViewportStatus) => void
}

export function LogView(props: LogViewProps): JSX.Element {
  let scroller: HTMLDivElement | undefined
  onMount(() => {
    if (scroller === undefined) return
    const session = props.session
    const viewport = new Viewport(scroller, session.store)
    viewport.onDraw = props.onDraw
    viewport.onNear = (end) => session.near(end)
    viewport.isAtEnd = () => session.isAttached
    session.onRows = () => viewport.refresh()
    session.onPlace = (index) => (index === undefined ? viewport.follow() : viewport.reveal(index))
    props.ref(viewport)
    onCleanup(() => {
      session.onRows = () => {}
      props.ref(undefined)
      viewport.dispose()
    })
  })
  return (
    <>
      {/* A log by its role, which does not speak: nobody wants a flood read aloud. */}
      <div
        ref={scroller}
        class="log"
        id="log"
        role="log"
        aria-live="off"
        aria-label={`Log of ${props.session.key}`}
        tabindex="0"
      />
      <Show when={status().empty}>
        <EmptyNotice name={props.session.key} />
      </Show>
    </>
  )
}

/** Why there are no lines, in words. */
function EmptyNotice(props: { name: string }): JSX.Element {
  const container = () => roster().containers.get(props.name)
  const absent = () => (status().state?.state === 'absent' ? status().state : undefined)
  const reach = () => reachOf(roster().hosts)
  return (
    <Switch>
      <Match when={reach() === 'unreachable'}>
        <UnreachableNotice hosts={roster().hosts} />
      </Match>
      <Match when={status().unreadable}>
        {(gap) => (
          <Notice title={`Docker cannot read the log of ${props.name}`}>
            <p>
              Its log driver{' '}
              <Show when={gap().driver}>
                <code>{gap().driver}</code>{' '}
              </Show>
              hands lines on without keeping them to be read back.
            </p>
            <Show when={gap().detail}>
              <p>Docker says: “{gap().detail}”</p>
            </Show>
            <p>
              To see it here, run the container with <code>json-file</code>, <code>local</code> or <code>journald</code>
              :
            </p>
            <pre>docker run --log-driver local …</pre>
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
      <Match when={reach() === 'connected' && status().phase === 'live'}>
        <Notice title={`${props.name} has written nothing yet`}>
          <Show when={container()} fallback={<p>Its first line appears here.</p>}>
            {(it) => (
              <p>
                {isStopped(it())
                  ? `It is ${stateWords(it(), now())}. When it is started again, its lines appear here.`
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
