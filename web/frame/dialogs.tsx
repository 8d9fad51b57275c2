/** The dialog that is open, if one is: loaded and made when it is asked for. */
import { createSignal, type JSX, Match, Show, Switch } from 'solid-js'
import { zoneOf } from '../log/time.ts'
import type { Shortcut } from './keys.ts'
import { place } from './live.ts'
import type { LogControls } from './log-controls.ts'

type Name = 'goto' | 'download' | 'help'

const [dialog, setDialog] = createSignal<Name>()
const [GoTo, setGoTo] = createSignal<typeof import('./go-to.tsx').GoTo>()
const [Download, setDownload] = createSignal<typeof import('./download.tsx').Download>()
const [Help, setHelp] = createSignal<typeof import('./help.tsx').Help>()

export function openDialog(name: Name | undefined): void {
  setDialog(name)
  if (name === 'goto' && GoTo() === undefined) void loadGoTo()
  if (name === 'download') void import('./download.tsx').then((it) => setDownload(() => it.Download))
  if (name === 'help') void import('./help.tsx').then((it) => setHelp(() => it.Help))
}

/** What is typed while it is loaded is typed into it. */
let typedAhead = ''

async function loadGoTo(): Promise<void> {
  typedAhead = ''
  const type = (event: KeyboardEvent) => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return
    typedAhead += event.key
    event.preventDefault()
    event.stopImmediatePropagation()
  }
  addEventListener('keydown', type, true)
  const it = await import('./go-to.tsx').finally(() => removeEventListener('keydown', type, true))
  setGoTo(() => it.GoTo)
  typedAhead = ''
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
                typed: typedAhead,
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
