/** The menu of the top bar, in the browser's top layer. What is in it is loaded when it is first opened. */
import { createSignal, type JSX, Show } from 'solid-js'
import type { MenuItemsProps } from './menu-items.tsx'
import { onDemand } from './on-demand.ts'

const load = onDemand(() => import('./menu-items.tsx'))
const [part, setPart] = createSignal<Awaited<ReturnType<typeof load>>>()

interface MenuProps extends MenuItemsProps {
  ref: (menu: HTMLElement) => void
  /** Called when its items are there, and each time it opens. */
  onOpened: () => void
}

export function Menu(props: MenuProps): JSX.Element {
  const open = async () => {
    setPart(await load())
    props.onOpened()
  }
  return (
    <div
      ref={props.ref}
      id="menu"
      class="menu"
      popover
      onBeforeToggle={(event) => {
        placeUnderBar(event)
        if (event.newState === 'open') void open()
      }}
    >
      <Show when={part()}>{(it) => it().MenuItems(props)}</Show>
    </div>
  )
}

/** A banner above the bar moves it down; the menu, in the browser's top layer, has to be told. */
function placeUnderBar(event: Event & { currentTarget: HTMLElement }): void {
  const bar = event.currentTarget.parentElement?.getBoundingClientRect()
  if (bar !== undefined) event.currentTarget.style.top = `${bar.bottom - 4}px`
}
