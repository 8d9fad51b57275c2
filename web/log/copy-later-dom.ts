/** Puts text on the clipboard that has still to come. */
import { copyText } from './clipboard-dom.ts'

/**
 * To be called in the moment of a press, in which browsers let text be copied: it is promised then. False when they do not;
 * rejects as `text` does.
 */
export async function copyLater(text: Promise<string>): Promise<boolean> {
  const type = 'text/plain'
  try {
    await navigator.clipboard.write([new ClipboardItem({ [type]: text.then((all) => new Blob([all], { type })) })])
    return true
  } catch {
    return copyText(await text) // no such interface here, or it takes no promises
  }
}
