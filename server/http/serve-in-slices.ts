/** Hands requests to the application one in each turn of the event loop, in rotation by client. */
import type { RequestListener, Server } from 'node:http'
import { slices } from '../slices.ts'
import { clientOf } from '../sse/client-of.ts'

/** Those whose client has left by then are not handed on. */
export function serveInSlices(server: Server, app: RequestListener): void {
  server.on('request', (req, res) => {
    const { socket } = req
    if (socket.destroyed) return
    slices.run(clientOf(socket.remoteAddress ?? ''), () => {
      if (!socket.destroyed) app(req, res)
    })
  })
}
