/** The theme: the system's, or the viewer's own choice. `public/early.js` applies the stored one before the first paint. */
import { createSignal } from 'solid-js'
import { readStored, store } from './stored.ts'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const stored = readStored('theme')
const [theme, setTheme] = createSignal<Theme>(THEMES.find((name) => name === stored) ?? 'system')

export { theme }

export function chooseTheme(name: Theme): void {
  setTheme(name)
  store('theme', name)
  if (name === 'system') document.documentElement.removeAttribute('data-theme')
  else document.documentElement.setAttribute('data-theme', name)
}
