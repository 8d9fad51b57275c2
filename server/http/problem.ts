/** RFC 9457 problem details: the form of every error of the HTTP interface. */
import type { Problem } from '../wire.ts'

/** Thrown by routes; answered as `application/problem+json`. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem'
  readonly status: number
  readonly members: Pick<Problem, 'parameter' | 'closest'>
  readonly headers: Readonly<Record<string, string>>

  /** `detail`: one sentence for the person or script that asked. */
  constructor(
    status: number,
    detail: string,
    members: HttpProblem['members'] = {},
    headers: HttpProblem['headers'] = {},
  ) {
    super(detail)
    this.status = status
    this.members = members
    this.headers = headers
  }
}
