/** The search field: what is searched for, how many matches there are, and how it is searched. Where the bar is narrow it opens over it. */
import { createMemo, createSignal, type JSX, Show, untrack } from 'solid-js'
import { groupDigits } from '../log/number.ts'
import { CloseIcon, DownIcon, SearchIcon, UpIcon } from './icons.tsx'
import type { SearchStatus } from './log-controls.ts'
import { bounded, type Look } from './place.ts'

interface SearchProps {
  look: Look
  status: SearchStatus | undefined
  /** Is given a function that opens the field and puts the cursor into it. */
  ref: (focus: () => void) => void
  onLook: (changes: Partial<Look>, how: 'push' | 'replace') => void
  onStep: (by: 1 | -1) => void
  /** The field is left by its own keys. */
  onLeave: () => void
}

export function Search(props: SearchProps): JSX.Element {
  const [open, setOpen] = createSignal(false)
  let field: HTMLElement | undefined
  let input: HTMLInputElement | undefined
  const focus = () => {
    setOpen(true)
    input?.focus()
    input?.select()
  }
  props.ref(focus)

  const leave = () => {
    setOpen(false)
    props.onLeave()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return
    if (event.key === 'Enter' && event.target === input) props.onStep(event.shiftKey ? -1 : 1)
    else if (event.key === 'Escape') {
      event.preventDefault()
      if (props.look.q === '') leave()
      else props.onLook({ q: '' }, 'replace')
    }
  }
  /** What moves is not read aloud; going to a match, or a mistake in the pattern, is. */
  const spoken = createMemo(() => {
    const error = props.status?.error
    return error ?? ((props.status?.position ?? 0) > 0 ? untrack(() => countWords(props.status)) : '')
  })
  const toggle = (name: 'matchCase' | 'word' | 'regex' | 'only', text: string, says: string) => (
    <button
      type="button"
      class="toggle"
      aria-pressed={props.look[name]}
      aria-label={says}
      title={says}
      onClick={() => props.onLook({ [name]: !props.look[name] }, 'push')}
    >
      {text}
    </button>
  )

  return (
    <>
      <button
        type="button"
        class="icon unfold"
        classList={{ on: props.look.q !== '' }}
        aria-label="Search"
        title="Search"
        onClick={focus}
      >
        <SearchIcon />
      </button>
      <search
        ref={field}
        class="search"
        classList={{ open: open(), active: open() || props.look.q !== '', bad: props.status?.error !== undefined }}
        onKeyDown={onKeyDown}
        onFocusIn={() => setOpen(true)}
        onFocusOut={(event) => {
          // Without a new target nothing was chosen instead: the window is left, or a button of Safari's pressed.
          if (event.relatedTarget instanceof Node && !field?.contains(event.relatedTarget)) setOpen(false)
        }}
        onMouseDown={(event) => event.target !== input && event.preventDefault() /* typing goes on in the field */}
      >
        <SearchIcon />
        <input
          ref={input}
          value={props.look.q}
          placeholder="Search"
          aria-label="Search"
          aria-keyshortcuts="/"
          aria-invalid={props.status?.error !== undefined}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="search"
          onInput={(event) => props.onLook({ q: bounded(event.currentTarget.value) }, 'replace')}
        />
        <kbd>/</kbd>
        <Show when={props.look.q !== ''}>
          <span
            class="count"
            title={props.status?.error ?? `${countWords(props.status)} ${props.status?.searched ?? ''}`}
          >
            {countWords(props.status)}
          </span>
        </Show>
        <div class="tools">
          <button
            type="button"
            aria-label="Previous match"
            title="Previous match (Shift+Enter)"
            onClick={() => props.onStep(-1)}
          >
            <UpIcon />
          </button>
          <button type="button" aria-label="Next match" title="Next match (Enter)" onClick={() => props.onStep(1)}>
            <DownIcon />
          </button>
          {toggle('matchCase', 'Aa', 'Match case')}
          {toggle('word', 'W', 'Whole word')}
          {toggle('regex', '.*', 'Regular expression')}
          {toggle('only', 'only', 'Only matches: leave the other lines out')}
        </div>
        <button type="button" class="icon closes" aria-label="Close the search field" onClick={leave}>
          <CloseIcon />
        </button>
        <Show when={props.status?.error}>{(why) => <p class="mistake">{why()}</p>}</Show>
        <span class="unseen" role="status">
          {spoken()}
        </span>
      </search>
    </>
  )
}

/** `17 of 1 204`; a `+` as long as there may be more. */
function countWords(status: SearchStatus | undefined): string {
  if (status === undefined) return ''
  if (status.error !== undefined) return 'not a pattern'
  const { count, position, isComplete } = status
  if (count === 0) return isComplete ? 'none' : '…'
  const all = `${groupDigits(count)}${isComplete ? '' : '+'}`
  return position > 0 ? `${groupDigits(position)} of ${all}` : all
}
