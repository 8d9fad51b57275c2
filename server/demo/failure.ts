/** A request that is answered with Docker's form of an error: a status, and `{"message": ...}`. */
export class Failure extends Error {
  readonly status: 400 | 404 | 405

  constructor(status: 400 | 404 | 405, message: string) {
    super(message)
    this.status = status
  }
}
