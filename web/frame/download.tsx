/** The dialog that saves a log as a file: the lines that the filters in force leave, of a span of time. Open as long as it is there. */
import { createSignal, For, type JSX, onMount, Show } from 'solid-js'
import { filterQuery } from '../log/filter-query.ts'
import { type Zone, zoneOf } from '../log/time.ts'
import { readWhen } from '../log/when.ts'
import { DialogHead } from './dialog-head.tsx'
import { say } from './log-controls.ts'
import { type Look, type Place, selectionName, selectionQuery } from './place.ts'
import { WhenField } from './when-field.tsx'

const FORMATS = { text: 'Text', ndjson: 'NDJSON', zip: 'Zip' } as const
/** What is typed for a span that is asked for often. */
const SPANS = { '5m': 'last 5 min', '1h': 'last hour', '24h': 'last 24 h', '': 'everything' } as const

interface DownloadProps {
  /** It was closed. */
  onClose: () => void
  place: Exclude<Place, { view: 'overview' }>
  look: Look
  /** Where the log ends, in Unix seconds. */
  latest: () => number | undefined
}

export function Download(props: DownloadProps): JSX.Element {
  const [from, setFrom] = createSignal('')
  const [until, setUntil] = createSignal('')
  const [hasTimes, setHasTimes] = createSignal(true)
  const name = () => (props.place.view === 'merged' ? selectionName(props.place.selection) : props.place.key)
  const zone = (): Zone => zoneOf(props.look.time)
  const read = (text: string) => readWhen(text, new Date(), props.latest(), zone())
  const address = (format: string) => {
    const span = { since: read(from()), until: read(until()) }
    const given = Object.entries(span).flatMap(([name, time]) => (time === undefined ? [] : [[name, time]]))
    const times = format !== 'ndjson' && hasTimes() && { timestamps: 'true' } // NDJSON has them in any case
    const query = new URLSearchParams({ format, ...times, ...filterQuery(props.look), ...Object.fromEntries(given) })
    const { place } = props
    return place.view === 'merged'
      ? `api/logs/download?${selectionQuery(place.selection)}&${query}`
      : `api/containers/${encodeURIComponent(place.key)}/logs/download?${query}`
  }
  /** Why it cannot begin yet. */
  const mistake = () => {
    const [since, to] = [from(), until()].map((text) => ({ isTyped: text.trim() !== '', time: read(text) }))
    if ([since, to].some((it) => it?.isTyped && it.time === undefined)) return 'A time cannot be read yet.'
    if (since?.time && to?.time && Date.parse(to.time) < Date.parse(since.time)) return 'It ends before it begins.'
    return undefined
  }
  let dialog: HTMLDialogElement | undefined
  let form: HTMLFormElement | undefined
  onMount(() => {
    dialog?.showModal()
    form?.querySelector<HTMLElement>('footer a')?.focus()
  })
  const began = () => {
    say('The download has begun')
    dialog?.close()
  }
  return (
    <dialog ref={dialog} id="download" aria-labelledby="download-title" closedby="any" onClose={props.onClose}>
      <DialogHead id="download-title" title={`Download the log of ${name()}`} />
      <p class="said">{filterWords(props.look)}</p>
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault()
          form?.querySelector<HTMLElement>('a')?.click() // Enter is for text
        }}
      >
        <fieldset class="spans" aria-label="Span">
          <For each={Object.entries(SPANS)}>
            {([typed, words]) => (
              <button
                type="button"
                aria-pressed={from() === typed && until() === ''}
                onClick={() => {
                  setFrom(typed)
                  setUntil('')
                }}
              >
                {words}
              </button>
            )}
          </For>
        </fieldset>
        <div class="pair">
          <WhenField
            label="From"
            value={from()}
            placeholder="the beginning"
            zone={zone()}
            latest={props.latest()}
            onInput={setFrom}
          />
          <WhenField
            label="Until"
            value={until()}
            placeholder="now"
            zone={zone()}
            latest={props.latest()}
            onInput={setUntil}
          />
        </div>
        <label class="check">
          <input type="checkbox" checked={hasTimes()} onChange={(event) => setHasTimes(event.currentTarget.checked)} />
          Time before each line of text
        </label>
        <footer>
          <Show when={mistake() === undefined} fallback={<span class="said">{mistake()}</span>}>
            <For each={Object.entries(FORMATS)}>
              {([format, words]) => (
                // The target keeps the page's own navigation off it.
                <a
                  class="action quiet"
                  href={address(format)}
                  target="_self"
                  download=""
                  onClick={() => setTimeout(began)}
                >
                  {words}
                </a>
              )}
            </For>
          </Show>
        </footer>
        <button type="submit" hidden disabled={mistake() !== undefined} />
      </form>
    </dialog>
  )
}

/** What {@link filterQuery} leaves, in words. */
function filterWords(look: Look): string {
  const only = [
    look.levels.length > 0 && `of level ${look.levels.join(', ').replace('none', 'unknown')}`,
    look.stream !== undefined && `on ${look.stream}`,
    look.only && look.q !== '' && `that match “${look.q}”`,
    look.not !== '' && `without “${look.not}”`,
  ].filter((words) => words !== false)
  return only.length === 0 ? 'Every line that Docker keeps.' : `Only lines ${only.join(', ')}, as they are shown.`
}
