/** The dialog that is open, if one is: loaded and made when it is asked for. */
import { createSignal, type JSX, Show } from 'solid-js'
import type { Shortcut } from './keys.ts'
import type { LogControls } from './log-controls.ts'
import { onDemand } from './on-demand.ts'
import { TypedAhead } from './typed-ahead.ts'

export type DialogName = 'goto' | 'download' | 'fields' | 'help'

const load = onDemand(() => import('./dialog.tsx'))
const [part, setPart] = createSignal<Awaited<ReturnType<typeof load>>>()
const [dialog, setDialog] = createSignal<DialogName>()

/** For the dialog that is about to open. */
let typed: TypedAhead | undefined

export function openDialog(name: DialogName | undefined): void {
  // Before the dialog takes the focus, the menu gives it back to its button: there it returns when the dialog closes.
  if (name !== undefined) document.querySelector<HTMLElement>(':popover-open')?.hidePopover()
  setDialog(name)
  if (part() === undefined) void open(name)
}

async function open(name: DialogName | undefined): Promise<void> {
  if (name === 'goto') typed = new TypedAhead()
  const it = await load()
  typed?.end()
  if (typed?.isGivenUp || it === undefined) setDialog()
  setPart(it)
  typed = undefined
}

interface DialogsProps {
  shortcuts: readonly Shortcut[]
  controls: () => LogControls | undefined
  /** Where the log ends, in Unix seconds. */
  latest: () => number | undefined
}

export function Dialogs(props: DialogsProps): JSX.Element {
  return (
    <Show when={part()}>
      {(it) => it().OpenDialog({ name: dialog, typed: () => typed, onClose: () => setDialog(), ...props })}
    </Show>
  )
}
