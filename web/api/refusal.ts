/**
 * What an answer that is no stream means to a person. An EventSource tells no status, so that its address is fetched once
 * more, without following redirects: a sign-in in front of Sluice is one, or a page in the stream's place, or 401.
 */

export interface Refusal {
  /** What happened, and what comes next. */
  readonly words: string
  /** A reload shows the sign-in of what stands in front of Sluice. */
  readonly signIn?: boolean
  /** Sluice does not serve this address, now or later. */
  readonly isFinal?: boolean
}

/** Undefined for a stream: whatever was wrong has passed. Reads no body but that of a problem. */
export async function refusalOf(answer: Response): Promise<Refusal | undefined> {
  const { type, status, ok, headers } = answer
  const media = headers.get('Content-Type') ?? ''
  if (ok && media.startsWith('text/event-stream')) return undefined
  if (media.startsWith('application/problem+json')) {
    const problem: unknown = await answer.json()
    if (typeof problem === 'object' && problem && 'detail' in problem)
      return { words: String(problem.detail), isFinal: status === 400 }
  }
  if (ok || type === 'opaqueredirect' || status === 401)
    return { words: 'You have been signed out. Sign in to resume.', signIn: true }
  if (status === 403) return { words: 'Access denied (403). You may need to sign in again.', signIn: true }
  if (status >= 502 && status <= 504) return { words: `The proxy can’t reach Sluice (${status}). Retrying.` }
  return { words: `HTTP ${status} instead of logs. Check the proxy; retrying.` }
}
