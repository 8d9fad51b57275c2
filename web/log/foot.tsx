/** The line under the log: what is loaded, the connection when it is in trouble, the zone, and whether the view follows. */
import { createMemo, type JSX, Show } from 'solid-js'
import { isStopped } from '../containers/roster.ts'
import { roster, status, streamState } from '../frame/live.ts'
import { groupDigits } from './number.ts'
import type { LogSession } from './session.ts'
import { since } from './time.ts'
import type { ViewportStatus } from './viewport-dom.ts'

interface FootProps {
  session: LogSession | undefined
  viewport: ViewportStatus
  onToggle: () => void
}

export function Foot(props: FootProps): JSX.Element {
  const trouble = createMemo(() => {
    if (streamState() === 'lost') return 'Reconnecting. Nothing will be lost.'
    const silent = roster().hosts.filter((host) => host.state === 'unreachable')
    if (silent.length === 0 || roster().containers.size === 0) return undefined
    return `${silent.map((host) => host.name).join(', ')} does not answer. Lines go on when it does; nothing will be lost.`
  })
  const flows = () => {
    const container = props.session && roster().containers.get(props.session.key)
    return (
      streamState() === 'open' && container !== undefined && !isStopped(container) && status().unreadable === undefined
    )
  }
  return (
    <footer class="foot" classList={{ warns: trouble() !== undefined }}>
      {/* Trouble is announced; a count that runs is not. */}
      <span class="trouble late" role="status">
        {trouble()}
      </span>
      <span class="said">{trouble() === undefined && props.session && loadedWords(props.session, props.viewport)}</span>
      <Show when={props.session}>
        <span class="zone" onPointerEnter={nameZone}>
          local time
        </span>
        <button
          type="button"
          class="follow"
          title={props.viewport.following ? 'Pause (Space)' : 'Go to the newest line and follow (End)'}
          onClick={props.onToggle}
        >
          <Show
            when={!props.viewport.following}
            fallback={
              <>
                <i classList={{ still: !flows() }} />
                {flows() ? 'Live' : 'Waiting'}
              </>
            }
          >
            Paused
            <Show when={props.viewport.fresh > 0}>
              <b>{groupDigits(props.viewport.fresh)} new</b>
            </Show>
            <kbd>End</kbd>
          </Show>
        </button>
      </Show>
    </footer>
  )
}

/** `48 211 lines loaded, back to 21 Nov 08:14`. The status is what makes it be asked again. */
function loadedWords(session: LogSession, _drawn: ViewportStatus): string {
  const { lines, first } = session.store
  const oldest = session.store.row(first)
  if (lines === 0 || oldest === undefined) return ''
  return `${groupDigits(lines)} ${lines === 1 ? 'line' : 'lines'} loaded, back to ${since(oldest, new Date())}`
}

/** On hover only: the zone's name loads the browser's locale data. */
function nameZone(event: PointerEvent & { currentTarget: HTMLElement }): void {
  event.currentTarget.title = Intl.DateTimeFormat().resolvedOptions().timeZone
}
