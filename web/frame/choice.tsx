/** One of a few, side by side: radio buttons in one row, with their name before them. */
import { For, type JSX } from 'solid-js'

export function Choice<Value extends string>(props: {
  name: string
  options: Readonly<Record<Value, string>>
  value: Value
  onChange: (value: Value) => void
}): JSX.Element {
  return (
    <fieldset class="choice">
      <legend>{props.name}</legend>
      <For each={Object.entries<string>(props.options)}>
        {([value, words]) => (
          <label>
            <input
              type="radio"
              name={props.name}
              checked={props.value === value}
              onChange={() => props.onChange(value as Value)}
            />
            {words}
          </label>
        )}
      </For>
    </fieldset>
  )
}
