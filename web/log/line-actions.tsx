/** The buttons at the end of the line that a mouse is over: one set of them, which goes from row to row. */
import type { JSX } from 'solid-js'
import { CopyIcon, LinkIcon, OpenIcon } from '../frame/icons.tsx'

interface LineActionsOptions {
  readonly onCopy: () => void
  readonly onLink: () => void
  readonly onOpen: () => void
}

/** Their element, to be put into a row. None of the Tab key's stops: the keys c, y and o do the same. */
export function lineActions({ onCopy, onLink, onOpen }: LineActionsOptions): HTMLElement {
  return (
    <span class="line-actions">
      <Action title="Copy (c)" icon={<CopyIcon />} onClick={onCopy} />
      <Action title="Copy link (y)" icon={<LinkIcon />} onClick={onLink} />
      <Action title="Open (o)" icon={<OpenIcon />} onClick={onOpen} />
    </span>
  ) as HTMLElement
}

function Action(props: { title: string; icon: JSX.Element; onClick: () => void }): JSX.Element {
  return (
    <button type="button" tabindex="-1" title={props.title} aria-label={props.title} on:click={props.onClick}>
      {props.icon}
    </button>
  )
}
