/** What is wrong with a filter, in words for the person who wrote it. */

export type TextParameter = 'q' | 're' | 'not'

/** A filter that cannot be compiled. `message` goes on after the parameter's name: "is longer than 1000 characters". */
export class FilterError extends Error {
  override readonly name = 'FilterError'
  readonly parameter: TextParameter

  constructor(parameter: TextParameter, message: string) {
    super(message)
    this.parameter = parameter
  }
}
