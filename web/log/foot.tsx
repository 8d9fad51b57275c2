/** The line under the log: what is loaded, the connection when it is in trouble, the zone, and whether the view follows. */
import { createMemo, type JSX, Show } from 'solid-js'
import { comeBack, isAway, look, place, refusal, roster, status, streamState } from '../frame/live.ts'
import { said } from '../frame/log-controls.ts'
import { lookOf } from '../frame/place.ts'
import { groupDigits } from './number.ts'
import type { LogSession } from './session.ts'
import { nextFormat, since, type TimeFormat, type Zone, zoneOf } from './time.ts'
import type { ViewportStatus } from './viewport-dom.ts'

const ZONE_WORDS: Readonly<Record<TimeFormat, string>> = {
  local: 'local time',
  utc: 'UTC',
  relative: 'relative',
  full: 'date and time',
}

interface FootProps {
  session: LogSession | undefined
  viewport: ViewportStatus
  onToggle: () => void
}

export function Foot(props: FootProps): JSX.Element {
  const silent = createMemo(() => roster().hosts.flatMap(({ name, state }) => (state === 'unreachable' ? name : [])))
  const trouble = createMemo(() => {
    if (isAway()) return 'Paused: a browser keeps at most 4 Sluice windows live.'
    if (streamState() === 'lost') return refusal()?.words ?? 'Reconnecting. Nothing will be lost.'
    if (silent().length === 0 || roster().containers.size === 0) return undefined
    return `Can't reach Docker on ${silent().join(', ')}. Logs resume when it's back.`
  })
  const flows = () => {
    if (streamState() !== 'open' || isAway() || status().refused) return false
    if (props.session?.isMerged) return silent().length < roster().hosts.length
    const container = props.session && roster().containers.get(props.session.key)
    if (container?.state !== 'running' || silent().includes(container.host)) return false
    return status().unreadable === undefined
  }
  const format = () => lookOf(place()).time
  return (
    <footer class="foot" classList={{ warns: trouble() !== undefined }}>
      {/* Trouble is announced; a count that runs is not. */}
      <span class="trouble late" role="status" title={trouble()}>
        {trouble()}
      </span>
      <Show when={isAway()}>
        <button type="button" class="act" onClick={comeBack}>
          Resume
        </button>
      </Show>
      <Show when={!isAway() && refusal()?.signIn}>
        <button type="button" class="act" onClick={() => location.reload()}>
          Sign in
        </button>
      </Show>
      <span class="said">
        {trouble() === undefined &&
          props.session &&
          (said() ?? lostWords() ?? loadedWords(props.session, props.viewport, zoneOf(format())))}
      </span>
      <Show when={props.session}>
        <button
          type="button"
          class="zone"
          aria-label={`Times: ${ZONE_WORDS[format()]}. Change`}
          onPointerEnter={nameZone}
          onClick={() => look({ time: nextFormat(format()) })}
        >
          {ZONE_WORDS[format()]}
        </button>
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

/** Where a link led to a line that is gone. */
function lostWords(): string | undefined {
  return status().lost ? 'That line is no longer kept by Docker; this is what was written then' : undefined
}

/** `48 211 lines loaded, back to 21 Nov 08:14`. The status is what makes it be asked again. */
function loadedWords(session: LogSession, _drawn: ViewportStatus, zone: Zone): string {
  const { lines, first } = session.store
  const oldest = session.store.row(first)
  if (lines === 0 || oldest === undefined) return ''
  return `${groupDigits(lines)} ${lines === 1 ? 'line' : 'lines'} loaded, back to ${since(oldest, new Date(), zone)}`
}

/** On hover only: the zone's name loads the browser's locale data. */
function nameZone(event: PointerEvent & { currentTarget: HTMLElement }): void {
  event.currentTarget.title = `Time format (t). Your zone is ${Intl.DateTimeFormat().resolvedOptions().timeZone}`
}
