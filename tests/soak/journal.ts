/** What the soak did and when, so that a run that fails can be understood, and how often it did each thing. */

interface Entry {
  readonly atMs: number
  readonly kind: string
  readonly text: string
}

export class Journal {
  readonly #began = Date.now()
  readonly #entries: Entry[] = []
  readonly #counts = new Map<string, number>()
  readonly #tell: boolean

  /** `tell`: also says everything as it happens. */
  constructor(tell = false) {
    this.#tell = tell
  }

  /** `kind` is counted, under `group/name`. */
  add(kind: string, text = ''): void {
    const entry = { atMs: Date.now() - this.#began, kind, text }
    this.#entries.push(entry)
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1)
    if (this.#tell) console.log(format(entry))
  }

  /** How often, of the kinds in a group. */
  counts(group: string): Record<string, number> {
    const found = [...this.#counts].filter(([kind]) => kind.startsWith(`${group}/`)).sort()
    return Object.fromEntries(found.map(([kind, count]) => [kind.slice(group.length + 1), count]))
  }

  /** One line an entry. */
  text(): string {
    return this.#entries.map(format).join('\n')
  }

  /** The time of the entries, in seconds from the run's start. */
  seconds(unixMs: number): string {
    return ((unixMs - this.#began) / 1000).toFixed(3)
  }
}

function format({ atMs, kind, text }: Entry): string {
  return `${(atMs / 1000).toFixed(3).padStart(9)}  ${kind.padEnd(24)} ${text}`
}
