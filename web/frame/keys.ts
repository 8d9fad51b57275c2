/** The keyboard: one table of what works, which both the listener and the `?` dialog read. */

export interface Shortcut {
  /** As `KeyboardEvent.key` names them, `Mod+` for Ctrl or Cmd. */
  keys: readonly string[]
  /** How the dialog shows them, when not as they are. */
  shown?: readonly string[]
  says: string
  /** Whether it works now; when not, the key does what it does anywhere. */
  when?: () => boolean
  run: () => void
}

const IS_MAC = /^Mac|iP/.test(navigator.platform)

/** How a key is shown that is pressed with Ctrl or Cmd. */
export const withMod = (key: string): string => `${IS_MAC ? '⌘' : 'Ctrl'} ${key}`

/** Runs shortcuts until the returned function is called. Keys that an element in focus needs for itself are left to it. */
export function listen(shortcuts: readonly Shortcut[]): () => void {
  const byKey = new Map(shortcuts.flatMap((shortcut) => shortcut.keys.map((key) => [key, shortcut] as const)))
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]') !== null) return
    const name = nameOf(event)
    const shortcut = name === undefined ? undefined : byKey.get(name)
    if (shortcut === undefined || shortcut.when?.() === false || (name !== undefined && isTaken(event.target, name)))
      return
    event.preventDefault()
    shortcut.run()
  }
  document.addEventListener('keydown', onKey)
  return () => document.removeEventListener('keydown', onKey)
}

function nameOf(event: KeyboardEvent): string | undefined {
  if (event.altKey) return undefined
  if (IS_MAC ? event.ctrlKey : event.metaKey) return undefined // of the system, or of text fields
  if (!event.ctrlKey && !event.metaKey) return event.key
  return event.shiftKey ? undefined : `Mod+${event.key}` // with Shift they are the browser's
}

function isTaken(target: EventTarget | null, key: string): boolean {
  const isOfPage = key.startsWith('Mod+') && key !== 'Mod+a' // which selects in a field, too
  if (!(target instanceof Element) || isOfPage) return false
  if (target.closest('dialog') !== null) return false // it was closed just now, and is in focus until the next frame
  if (target.closest('input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]') !== null)
    return true
  if (key === ' ') return target.closest('a, button, summary, input') !== null
  if (target.closest('[popover], .overview, .notice, .banner') !== null)
    return key.startsWith('Arrow') || key.startsWith('Page')
  return false
}
