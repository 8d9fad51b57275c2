/**
 * What a viewer prefers whatever is looked at: kept in the browser, and not in addresses, which others open. Styles read it
 * as `data-*` of <html>, which has none for a default. `public/early.js` applies the theme before the first paint.
 */
import { createSignal } from 'solid-js'
import { readStored, store } from './stored.ts'

export const THEMES = ['system', 'light', 'dark'] as const
export const DENSITIES = ['comfortable', 'compact'] as const
/** Of the log's text, in px. */
export const SIZES = ['13', '12', '14', '16'] as const
const SWITCH = ['off', 'on'] as const

const [theme, setTheme] = preference('theme', THEMES)
const [density, setDensity] = preference('density', DENSITIES)
const [size, setSize] = preference('size', SIZES)
/** A phone has no room for long lines. */
const isPhone = matchMedia('(max-width: 640px)').matches
const [wrapSwitch, setWrapSwitch] = preference('wrap', isPhone ? (['on', 'off'] as const) : SWITCH)
const [keepSwitch, setKeepSwitch] = preference('keep', SWITCH)
const [rawSwitch, setRawSwitch] = preference('raw', SWITCH)
const [foldSwitch, setFoldSwitch] = preference('fold', SWITCH)

export { density, setDensity, setSize, setTheme, size, theme }

/** Whether long lines are wrapped. */
export const wrap = () => wrapSwitch() === 'on'
export const setWrap = (on: boolean) => setWrapSwitch(on ? 'on' : 'off')

/** Whether lines of JSON are shown as they are written. */
export const raw = () => rawSwitch() === 'on'
export const setRaw = (on: boolean) => setRawSwitch(on ? 'on' : 'off')

/** Whether stack traces are shown as their first line only. */
export const folds = () => foldSwitch() === 'on'
export const setFolds = (on: boolean) => setFoldSwitch(on ? 'on' : 'off')

/** Whether search, levels and stream stay as they are when one goes to another container. */
export const keeps = () => keepSwitch() === 'on'
export const setKeeps = (on: boolean) => setKeepSwitch(on ? 'on' : 'off')

/** The first value is the default. */
function preference<Value extends string>(
  name: string,
  values: readonly [Value, ...Value[]],
): readonly [get: () => Value, set: (value: Value) => void] {
  const stored = readStored(name)
  const [value, setValue] = createSignal<Value>(values.find((one) => one === stored) ?? values[0])
  const apply = () => {
    if (value() === values[0]) delete document.documentElement.dataset[name]
    else document.documentElement.dataset[name] = value()
  }
  apply()
  return [
    value,
    (chosen) => {
      setValue(() => chosen)
      store(name, chosen)
      apply()
    },
  ]
}
