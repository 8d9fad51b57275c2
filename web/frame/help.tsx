/** The dialog that lists the keys which work. */
import { For, type JSX } from 'solid-js'
import { DialogHead } from './dialog-head.tsx'
import type { Shortcut } from './keys.ts'

export function Help(props: { ref: (dialog: HTMLDialogElement) => void; shortcuts: readonly Shortcut[] }): JSX.Element {
  return (
    <dialog ref={props.ref} id="help" aria-labelledby="help-title" closedby="any">
      <DialogHead id="help-title" title="Keyboard" />
      <dl>
        <For each={props.shortcuts}>
          {(shortcut) => (
            <div>
              <dt>
                <For each={shortcut.shown ?? shortcut.keys}>{(key) => <kbd>{key}</kbd>}</For>
              </dt>
              <dd>{shortcut.says}</dd>
            </div>
          )}
        </For>
      </dl>
    </dialog>
  )
}
