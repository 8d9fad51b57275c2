/** A part of the bench: what is measured together, on a bed of its own. */
import type { Bed } from './bed.ts'
import type { GoalName, Measured } from './goals.ts'

export interface Part {
  readonly names: readonly GoalName[]
  /** After this long it counts as failed; several times what it takes on two busy cores. */
  readonly deadlineMs: number
  /** Not a part of the whole run. */
  readonly onlyAsked?: boolean
  run(bed: Bed): Promise<Measured[]>
}
