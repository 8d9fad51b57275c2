/** The dialog that chooses which fields of lines stand in columns. Open as long as it is there; what is chosen holds at once. */
import { createSignal, createUniqueId, For, type JSX, onMount, Show, untrack } from 'solid-js'
import { plainText } from '../log/ansi.ts'
import { linesAround, type SeenField, seenFields } from '../log/columns.ts'
import type { LineStore } from '../log/line-store.ts'
import { DialogHead } from './dialog-head.tsx'
import { columnFields, MAX_FIELDS } from './place.ts'
import { raw } from './preferences.ts'

const LISTED = 50 // of what is seen in fewer lines, one types the name

interface FieldsProps {
  /** Those that are chosen, in order. */
  fields: readonly string[]
  /** The log's. */
  lines: LineStore | undefined
  onFields: (fields: readonly string[]) => void
  /** It was closed. */
  onClose: () => void
}

export function Fields(props: FieldsProps): JSX.Element {
  const seen = untrack(() => seenFields(props.lines === undefined ? [] : linesAround(props.lines)))
  const exampleOf = new Map(seen.map(({ name, example }: SeenField) => [name, example]))
  const names = seen.slice(0, LISTED).map(({ name }) => name)
  // In the order they have when it opens: what one has just pressed does not go elsewhere.
  const [listed, setListed] = createSignal([...new Set([...untrack(() => props.fields), ...names])])
  const [typed, setTyped] = createSignal('')
  const isFull = () => props.fields.length >= MAX_FIELDS
  const set = (name: string, on: boolean) => {
    const others = props.fields.filter((other) => other !== name)
    props.onFields(columnFields(on ? [...others, name] : others))
  }
  const other = () => columnFields([typed().trim()])[0]
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault()
    const name = other()
    if (name === undefined || isFull()) return
    if (!props.fields.includes(name)) set(name, true)
    setListed((before) => (before.includes(name) ? before : [name, ...before]))
    setTyped('')
  }
  const id = createUniqueId()
  let dialog: HTMLDialogElement | undefined
  onMount(() => dialog?.showModal())
  return (
    <dialog ref={dialog} id="fields" aria-labelledby="fields-title" closedby="any" onClose={props.onClose}>
      <DialogHead id="fields-title" title="Fields as columns" />
      <Show when={raw()}>
        <p class="said">Lines are shown as they are written, without columns: “Raw lines” of the menu is on.</p>
      </Show>
      <Show when={seen.length === 0}>
        <p class="said">No line here has fields: they are read of JSON and of logfmt, level=info ms=12.</p>
      </Show>
      <Show when={listed().length > 0}>
        <fieldset class="list" aria-label="Fields" onKeyDown={moveFocus}>
          <For each={listed()}>
            {(name, at) => {
              const on = () => props.fields.includes(name)
              return (
                <label class="item">
                  <input
                    type="checkbox"
                    checked={on()}
                    disabled={!on() && isFull()}
                    autofocus={at() === 0}
                    onChange={(event) => set(name, event.currentTarget.checked)}
                  />
                  <code>{plainText(name)}</code>
                  <span class="example">{exampleOf.get(name) ?? ''}</span>
                </label>
              )
            }}
          </For>
        </fieldset>
      </Show>
      <form class="other" onSubmit={onSubmit}>
        <label for={id}>Another field</label>
        <p class="said note">{isFull() ? `There is room for ${MAX_FIELDS} columns` : ''}</p>
        <input
          id={id}
          value={typed()}
          autocomplete="off"
          spellcheck={false}
          autofocus={listed().length === 0}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <button type="submit" class="action quiet" disabled={other() === undefined || isFull()}>
          Add
        </button>
      </form>
    </dialog>
  )
}

function moveFocus(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  if (step === 0) return
  event.preventDefault()
  const boxes = [...event.currentTarget.querySelectorAll<HTMLInputElement>('input:enabled')]
  boxes[boxes.indexOf(document.activeElement as HTMLInputElement) + step]?.focus()
}
