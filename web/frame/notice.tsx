/** A state of the page in words: what is so, and what one can do about it. Stands where the lines would. */
import type { JSX } from 'solid-js'

export function Notice(props: { title: string; class?: string; children?: JSX.Element }): JSX.Element {
  return (
    <div class={`notice ${props.class ?? ''}`} role="status">
      <h2>{props.title}</h2>
      {props.children}
    </div>
  )
}
