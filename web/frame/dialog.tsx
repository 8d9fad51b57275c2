/** Every dialog, and which of them is open: one part of the page, as all are loaded when it is first used. */
import { type JSX, Match, Switch } from 'solid-js'
import { zoneOf } from '../log/time.ts'
import type { DialogName } from './dialogs.tsx'
import { Download } from './download.tsx'
import { Fields } from './fields.tsx'
import { GoTo } from './go-to.tsx'
import { Help } from './help.tsx'
import type { Shortcut } from './keys.ts'
import { look, place, session } from './live.ts'
import type { LogControls } from './log-controls.ts'
import type { TypedAhead } from './typed-ahead.ts'

interface OpenDialogProps {
  name: () => DialogName | undefined
  /** What was typed for the dialog before it was here. */
  typed: () => TypedAhead | undefined
  shortcuts: readonly Shortcut[]
  controls: () => LogControls | undefined
  /** Where the log ends, in Unix seconds. */
  latest: () => number | undefined
  onClose: () => void
}

export function OpenDialog(props: OpenDialogProps): JSX.Element {
  /** The log on screen, while one of its dialogs is open. */
  const log = (wanted: DialogName) => {
    const at = place()
    return props.name() === wanted && at.view !== 'overview' ? at : undefined
  }
  /** A dialog hears that it was closed in a later task: another may be open by then. */
  const onClose = (closed: DialogName) => () => {
    if (props.name() === closed) props.onClose()
  }
  return (
    <Switch>
      <Match when={log('goto')}>
        {(at) => (
          <GoTo
            typed={props.typed()?.text ?? ''}
            isEntered={props.typed()?.isEntered ?? false}
            zone={zoneOf(at().look.time)}
            latest={props.latest}
            onGo={(time) => props.controls()?.goTo(time)}
            onClose={onClose('goto')}
          />
        )}
      </Match>
      <Match when={log('download')}>
        {(at) => <Download place={at()} look={at().look} latest={props.latest} onClose={onClose('download')} />}
      </Match>
      <Match when={log('fields')}>
        {(at) => (
          <Fields
            fields={at().look.fields}
            lines={session()?.store}
            onFields={(fields) => look({ fields })}
            onClose={onClose('fields')}
          />
        )}
      </Match>
      <Match when={props.name() === 'help'}>
        <Help shortcuts={props.shortcuts} onClose={onClose('help')} />
      </Match>
    </Switch>
  )
}
