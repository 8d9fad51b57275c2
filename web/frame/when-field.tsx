/** A field for a time as people type it, which says in words what it has read. */
import { createUniqueId, type JSX } from 'solid-js'
import type { Zone } from '../log/time.ts'
import { readWhen, whenWords } from '../log/when.ts'

interface WhenFieldProps {
  label: string
  value: string
  placeholder: string
  zone: Zone
  /** Where the log ends, in Unix seconds: a time without its day is not sought after that. */
  latest: number | undefined
  autofocus?: boolean
  onInput: (value: string) => void
}

export function WhenField(props: WhenFieldProps): JSX.Element {
  const id = createUniqueId()
  const read = () => readWhen(props.value, new Date(), props.latest, props.zone)
  const words = () => {
    if (props.value.trim() === '') return ''
    const time = read()
    return time === undefined ? 'not a time yet' : whenWords(time, new Date(), props.zone)
  }
  return (
    <div class="when">
      <label for={id}>{props.label}</label>
      <input
        id={id}
        value={props.value}
        placeholder={props.placeholder}
        aria-describedby={`${id}-words`}
        autofocus={props.autofocus ?? false}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      <p id={`${id}-words`} role="status" classList={{ unread: read() === undefined }}>
        {words()}
      </p>
    </div>
  )
}
