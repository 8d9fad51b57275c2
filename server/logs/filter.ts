import type { LogLine } from './line.ts'

export interface Filter {
  readonly key: string
  readonly admits: (line: LogLine) => boolean
}
