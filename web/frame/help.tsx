/** The dialog that lists the keys which work. Open as long as it is there. */
import { For, type JSX, onMount } from 'solid-js'
import { DialogHead } from './dialog-head.tsx'
import type { Shortcut } from './keys.ts'

export function Help(props: { shortcuts: readonly Shortcut[]; onClose: () => void }): JSX.Element {
  let dialog: HTMLDialogElement | undefined
  onMount(() => dialog?.showModal())
  return (
    <dialog ref={dialog} id="help" aria-labelledby="help-title" closedby="any" onClose={props.onClose}>
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
