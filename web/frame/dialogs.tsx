/** The dialog that is open, if one is: made when it is asked for, and two of them loaded no sooner. */
import { createSignal, type JSX, Match, Show, Switch } from 'solid-js'
import { zoneOf } from '../log/time.ts'
import { GoTo } from './go-to.tsx'
import type { Shortcut } from './keys.ts'
import { place } from './live.ts'
import type { LogControls } from './log-controls.ts'

type Name = 'goto' | 'download' | 'help'

const [dialog, setDialog] = createSignal<Name>()
const [Download, setDownload] = createSignal<typeof import('./download.tsx').Download>()
const [Help, setHelp] = createSignal<typeof import('./help.tsx').Help>()

export function openDialog(name: Name | undefined): void {
  setDialog(name)
  if (name === 'download') void import('./download.tsx').then((it) => setDownload(() => it.Download))
  if (name === 'help') void import('./help.tsx').then((it) => setHelp(() => it.Help))
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
          <GoTo
            zone={zoneOf(at().look.time)}
            latest={props.latest}
            onGo={(time) => props.controls()?.goTo(time)}
            onClose={close}
          />
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
