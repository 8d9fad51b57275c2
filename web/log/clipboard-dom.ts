/** Puts text on the clipboard, and the words that say so. */
import { groupDigits } from './number.ts'

/** On addresses too that browsers hold for insecure: a Pi at home is seldom reached by HTTPS. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copySelected(text) // no such interface here, or no permission
  }
}

export const NOT_COPIED = 'The browser does not let it be copied'

export function copiedWords(lines: number): string {
  return lines === 1 ? 'Line copied' : `${groupDigits(lines)} lines copied`
}

/** As one copied before there was an interface for it: by selecting text, here one that nobody sees. */
function copySelected(text: string): boolean {
  const area = document.createElement('textarea')
  area.value = text
  area.style.cssText = 'position:fixed;opacity:0'
  const focused = document.activeElement
  document.body.append(area)
  area.select()
  try {
    return document.execCommand('copy')
  } catch {
    return false
  } finally {
    area.remove()
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true })
  }
}
