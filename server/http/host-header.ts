/** Refuses a malformed `Host` or request target once, before any route reads an address. */
import type { RequestHandler } from 'express'
import { HttpProblem } from './problem.ts'

/** RFC 9110, 7.2: a host and a port. Neither ends early, as with a path, nor holds a user. */
const HOST = /^[^\s/?#@\\]+$/

/** RFC 9112, 3.2 allows an empty one; Node itself answers 400 where HTTP/1.1 has none. */
export const checkHost: RequestHandler = (req, _res, next) => {
  const { host } = req.headers
  // RFC 9112, 3.2. Node keeps the first of several, and a proxy before it may have gone by another.
  if ((req.headersDistinct['host']?.length ?? 0) > 1)
    return next(new HttpProblem(400, 'The request has more than one Host header.'))
  if (host === '') delete req.headers.host
  else if (host !== undefined && !(HOST.test(host) && URL.canParse(`http://${host}`)))
    return next(new HttpProblem(400, 'The Host header is malformed.'))
  // An absolute target (RFC 9112, 3.2.2) names another host than the header, and may hold a user.
  const url = URL.canParse(req.url, 'http://localhost') ? new URL(req.url, 'http://localhost') : undefined
  const isHttp = url?.protocol === 'http:' && url.username === '' && url.password === ''
  next(isHttp ? undefined : new HttpProblem(400, 'The request target is malformed.'))
}
