/** The title of a dialog, and the button that closes it. */
import type { JSX } from 'solid-js'
import { CloseIcon } from './icons.tsx'

export function DialogHead(props: { id: string; title: string }): JSX.Element {
  return (
    <header>
      <h2 id={props.id} class="heading">
        {props.title}
      </h2>
      <form method="dialog">
        <button type="submit" class="icon" aria-label="Close">
          <CloseIcon />
        </button>
      </form>
    </header>
  )
}
