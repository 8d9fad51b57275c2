/** The dialog that goes to a time. Open as long as it is there. */
import { createSignal, type JSX, onMount, untrack } from 'solid-js'
import type { Zone } from '../log/time.ts'
import { readWhen } from '../log/when.ts'
import { DialogHead } from './dialog-head.tsx'
import { WhenField } from './when-field.tsx'

interface GoToProps {
  /** What is in the field at first. */
  typed: string
  /** Enter was pressed already. */
  isEntered: boolean
  /** It was closed. */
  onClose: () => void
  zone: Zone
  /** Where the log ends, in Unix seconds. */
  latest: () => number | undefined
  /** Takes RFC 3339. */
  onGo: (time: string) => void
}

export function GoTo(props: GoToProps): JSX.Element {
  const [typed, setTyped] = createSignal(untrack(() => props.typed))
  let dialog: HTMLDialogElement | undefined
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault()
    const time = readWhen(typed(), new Date(), props.latest(), props.zone)
    if (time === undefined) return
    dialog?.close()
    props.onGo(time)
  }
  let form: HTMLFormElement | undefined
  onMount(() => {
    dialog?.showModal()
    if (props.isEntered) form?.requestSubmit()
  })
  return (
    <dialog ref={dialog} id="goto" aria-labelledby="goto-title" closedby="any" onClose={props.onClose}>
      <DialogHead id="goto-title" title="Go to time" />
      <form ref={form} onSubmit={onSubmit}>
        <WhenField
          label={props.zone === 'utc' ? 'Time, UTC' : 'Time'}
          value={typed()}
          placeholder="10:02 · yesterday 18:30 · 2 h ago"
          zone={props.zone}
          latest={props.latest()}
          autofocus
          onInput={setTyped}
        />
        <footer>
          <button type="submit" class="action">
            Go
          </button>
        </footer>
      </form>
    </dialog>
  )
}
