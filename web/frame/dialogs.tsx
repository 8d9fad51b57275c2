/** The dialog that is open, if one is: loaded and made when it is asked for. */
import { createSignal, type JSX, Match, Show, Switch } from 'solid-js'
import { zoneOf } from '../log/time.ts'
import type { Shortcut } from './keys.ts'
import { place } from './live.ts'
import type { LogControls } from './log-controls.ts'
import { onDemand } from './on-demand.ts'
import { TypedAhead } from './typed-ahead.ts'

type Name = 'goto' | 'download' | 'help'

const [dialog, setDialog] = createSignal<Name>()
const [GoTo, setGoTo] = createSignal<typeof import('./go-to.tsx').GoTo>()
const [Download, setDownload] = createSignal<typeof import('./download.tsx').Download>()
const [Help, setHelp] = createSignal<typeof import('./help.tsx').Help>()

const loadGoTo = onDemand(() => import('./go-to.tsx'))
const loadDownload = onDemand(() => import('./download.tsx'))
const loadHelp = onDemand(() => import('./help.tsx'))

/** For the dialog that is about to open. */
let typed: TypedAhead | undefined

export function openDialog(name: Name | undefined): void {
  // Before the dialog takes the focus, the menu gives it back to its button: there it returns when the dialog closes.
  if (name !== undefined) document.querySelector<HTMLElement>(':popover-open')?.hidePopover()
  setDialog(name)
  if (name === 'goto' && GoTo() === undefined) void openGoTo()
  if (name === 'download') void loadDownload().then((it) => setDownload(() => it?.Download))
  if (name === 'help') void loadHelp().then((it) => setHelp(() => it?.Help))
}

async function openGoTo(): Promise<void> {
  typed = new TypedAhead()
  const part = await loadGoTo()
  typed.end()
  if (typed.isGivenUp || part === undefined) setDialog()
  setGoTo(() => part?.GoTo)
  typed = undefined
}

interface DialogsProps {
  shortcuts: readonly Shortcut[]
  controls: () => LogControls | undefined
  /** Where the log ends, in Unix seconds. */
  latest: () => number | undefined
}

export function Dialogs(props: DialogsProps): JSX.Element {
  const close = () => openDialog(undefined)
  /** The log on screen, while one of its dialogs is open. */
  const log = (wanted: 'goto' | 'download') => {
    const at = place()
    return dialog() === wanted && at.view !== 'overview' ? at : undefined
  }
  return (
    <Switch>
      <Match when={log('goto')}>
        {(at) => (
          <Show when={GoTo()}>
            {(it) =>
              it()({
                typed: typed?.text ?? '',
                isEntered: typed?.isEntered ?? false,
                zone: zoneOf(at().look.time),
                latest: props.latest,
                onGo: (time) => props.controls()?.goTo(time),
                onClose: close,
              })
            }
          </Show>
        )}
      </Match>
      <Match when={log('download')}>
        {(at) => (
          <Show when={Download()}>
            {(it) => it()({ place: at(), look: at().look, latest: props.latest, onClose: close })}
          </Show>
        )}
      </Match>
      <Match when={dialog() === 'help' && Help()}>{(it) => it()({ shortcuts: props.shortcuts, onClose: close })}</Match>
    </Switch>
  )
}
