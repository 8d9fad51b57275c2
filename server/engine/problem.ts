/** Why an endpoint did not answer as a Docker Engine, in words for the person who can mend it. */
import { readFile, stat } from 'node:fs/promises'
import { userInfo } from 'node:os'
import type { EngineProblem } from '../wire.ts'
import type { Endpoint } from './find.ts'

/** `error` is what the attempt to connect threw. */
export async function explain(endpoint: Endpoint, error: unknown): Promise<EngineProblem> {
  const { address } = endpoint
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  switch (code) {
    case 'ENOENT':
      return {
        code: 'no-socket',
        address,
        detail: 'No such socket. Is Docker running, and is its socket mounted?',
      }
    case 'EACCES':
    case 'EPERM':
      return { code: 'permission', address, detail: await permissionDetail(endpoint.socketPath ?? '') }
    case 'ECONNREFUSED':
      if (endpoint.socketPath && !(await isSocket(endpoint.socketPath))) return explainNoSocket(address)
      return { code: 'refused', address, detail: 'Nothing listens there. Is the Docker daemon running?' }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return { code: 'refused', address, detail: `Can't reach ${endpoint.host} (${code}).` }
    case 'ENOTSOCK':
    case 'EISDIR':
      return explainNoSocket(address)
    case 'timeout':
    case 'ETIMEDOUT':
      return {
        code: 'timeout',
        address,
        detail: 'It accepts connections, but does not answer. Is the Docker daemon hanging?',
      }
    case 'not-docker':
      return {
        code: 'not-docker',
        address,
        detail: `What answers there is not Docker (${message}).`,
      }
    case 'forbidden':
      return { code: 'forbidden', address, detail: `${message}.` }
  }
  if (code.startsWith('HPE_')) {
    return { code: 'not-docker', address, detail: 'What answers there does not speak HTTP.' }
  }
  if (code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || code.includes('CERT') || code === 'EPROTO') {
    return { code: 'tls', address, detail: `The TLS connection failed: ${message}. Check DOCKER_CERT_PATH.` }
  }
  return { code: 'failed', address, detail: `Can't reach Docker: ${message}.` }
}

function explainNoSocket(address: string): EngineProblem {
  return { code: 'not-docker', address, detail: 'That path is not a socket. Was a directory mounted in its place?' }
}

/** Linux refuses connections to files and directories with the word for a socket where nobody listens. */
async function isSocket(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isSocket() ?? true
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** Names the user, the socket's owner and group, and what to do: nobody should have to look these up. */
async function permissionDetail(socketPath: string): Promise<string> {
  const uid = process.getuid?.()
  const me = `user ${userName()} (uid ${uid})`
  const socket = await stat(socketPath).catch(() => undefined)
  if (!socket) return `The ${me} may not enter the socket's folder.`
  const group = await groupName(socket.gid)
  return (
    `The ${me} may not open the socket, which belongs to uid ${socket.uid} and group ${group} (gid ${socket.gid}). ` +
    `Add the user to that group, or start the container with --group-add ${socket.gid}.`
  )
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown' // a uid without an entry in /etc/passwd, as containers often run with
  }
}

async function groupName(gid: number): Promise<string> {
  const groups = await readFile('/etc/group', 'utf8').catch(() => '')
  const line = groups.split('\n').find((entry) => entry.split(':')[2] === String(gid))
  return line?.split(':')[0] ?? 'without a name'
}
