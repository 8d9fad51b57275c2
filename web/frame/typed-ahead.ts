/** What a person types into a field that is still being loaded: kept from everything else until `end`. */
export class TypedAhead {
  text = ''
  /** Enter came after it. */
  isEntered = false
  /** Esc came instead. */
  isGivenUp = false

  constructor() {
    addEventListener('keydown', this.#take, true)
  }

  end(): void {
    removeEventListener('keydown', this.#take, true)
  }

  #take = (event: KeyboardEvent): void => {
    if (this.isEntered || this.isGivenUp || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Enter') this.isEntered = true
    else if (event.key === 'Escape') this.isGivenUp = true
    else if (event.key === 'Backspace') this.text = this.text.slice(0, -1)
    else if (event.key.length === 1) this.text += event.key
    else return
    event.preventDefault()
    event.stopImmediatePropagation()
  }
}
