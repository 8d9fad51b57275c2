/** The dialog that lists the keys which work. */
import { For, type JSX } from 'solid-js'
import { CloseIcon } from './icons.tsx'
import type { Shortcut } from './keys.ts'

export function Help(props: { ref: (dialog: HTMLDialogElement) => void; shortcuts: readonly Shortcut[] }): JSX.Element {
  return (
    <dialog ref={props.ref} aria-labelledby="help-title" closedby="any">
      <header>
        <h2 id="help-title" class="heading">
          Keyboard
        </h2>
        <form method="dialog">
          <button type="submit" class="icon" aria-label="Close">
            <CloseIcon />
          </button>
        </form>
      </header>
      <dl>
        <For each={props.shortcuts}>
          {(shortcut) => (
            <>
              <dt>
                <For each={shortcut.shown ?? shortcut.keys}>{(key) => <kbd>{key}</kbd>}</For>
              </dt>
              <dd>{shortcut.says}</dd>
            </>
          )}
        </For>
      </dl>
    </dialog>
  )
}
