/**
 * Where an engine may be: what the settings name, else the current Docker context, else the usual sockets of Docker,
 * rootless Docker and Podman, in that order. Finds addresses; whether one answers is `connection.ts`'s to say.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from './engine.ts'

/** An address, and what is needed to speak to it. */
export interface Endpoint {
  /** As people write it: `unix:///var/run/docker.sock`, `tcp://10.0.0.5:2376`. */
  readonly address: string
  readonly socketPath?: string
  readonly host?: string
  readonly port?: number
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
}

/** What the search starts from, all of it from flags and the environment. */
export interface FindSettings {
  /** `--docker-host`, else `DOCKER_HOST`. When given, it is the only place looked at. */
  readonly dockerHost?: string | undefined
  /** `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH`, for a tcp address. */
  readonly tls: boolean
  readonly certPath?: string | undefined
  /** `DOCKER_CONTEXT`, else what the Docker configuration names. */
  readonly context?: string | undefined
  readonly configPath: string
  readonly home: string
  /** `XDG_RUNTIME_DIR` */
  readonly runtimePath?: string | undefined
}

const TLS_PORT = 2376
const PLAIN_PORT = 2375

/** Candidates, most specific first. Throws an `EngineError` that names the setting when one cannot be understood. */
export async function findEndpoints(settings: FindSettings): Promise<Endpoint[]> {
  if (settings.dockerHost) {
    return [await endpointOf(settings.dockerHost, settings.tls, settings.certPath ?? settings.configPath)]
  }
  const context = await contextEndpoint(settings)
  return context ? [context] : usualSockets(settings).map(unixEndpoint)
}

function unixEndpoint(socketPath: string): Endpoint {
  return { address: `unix://${socketPath}`, socketPath }
}

function usualSockets({ home, runtimePath }: FindSettings): string[] {
  const ofUser = runtimePath ? [join(runtimePath, 'docker.sock')] : []
  const podman = runtimePath ? [join(runtimePath, 'podman/podman.sock')] : []
  return [
    '/var/run/docker.sock',
    ...ofUser,
    join(home, '.docker/run/docker.sock'),
    ...podman,
    '/run/podman/podman.sock',
  ]
}

/** What `readAddress` takes, for messages. */
export const ADDRESS_FORMS = 'unix:///path, tcp://host:port or https://host:port'

interface Address {
  readonly socketPath?: string
  readonly hostname: string
  readonly port: number | undefined
  readonly isSecure: boolean
}

/** The parts of an engine's address; undefined where it is none that Sluice can use. */
export function readAddress(address: string): Address | undefined {
  const path = /^(?:unix:\/\/)?(\/.+)$/s.exec(address)?.[1]
  if (path) return { socketPath: path, hostname: '', port: undefined, isSecure: false }
  // Read as tcp, since a URL forgets the port that is the default of http or https.
  const plain = address.replace(/^https?:/, 'tcp:')
  const url = URL.canParse(plain) ? new URL(plain) : undefined
  if (!url?.hostname || url.protocol !== 'tcp:' || url.port === '0') return undefined
  // A path, a query or a password would have no effect.
  if (!['', '/'].includes(url.pathname) || url.search || url.hash || url.username || url.password) return undefined
  const port = url.port === '' ? undefined : Number(url.port)
  return { hostname: url.hostname, port, isSecure: address.startsWith('https:') || port === TLS_PORT }
}

async function endpointOf(address: string, tls: boolean, certPath: string): Promise<Endpoint> {
  const read = readAddress(address)
  if (!read) {
    const message = `"${address}" must be ${ADDRESS_FORMS}`
    throw new EngineError('unreachable', message)
  }
  if (read.socketPath) return unixEndpoint(read.socketPath)
  const secure = tls || read.isSecure
  const port = read.port ?? (secure ? TLS_PORT : PLAIN_PORT)
  const endpoint = { address: `tcp://${read.hostname}:${port}`, host: read.hostname.replace(/^\[|\]$/g, ''), port }
  return secure ? { ...endpoint, tls: await certificates(certPath) } : endpoint
}

/** `ca.pem`, `cert.pem` and `key.pem`, as the docker command names them; each may be absent. */
async function certificates(path: string): Promise<NonNullable<Endpoint['tls']>> {
  const [ca, cert, key] = await Promise.all(['ca', 'cert', 'key'].map((name) => textOf(join(path, `${name}.pem`))))
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
}

/** The endpoint of the Docker context in use, unless that is the default one. Source: docker/cli, cli/context/store. */
async function contextEndpoint(settings: FindSettings): Promise<Endpoint | undefined> {
  const configuration = parseObject(await textOf(join(settings.configPath, 'config.json')))
  const name = settings.context ?? configuration?.['currentContext']
  if (typeof name !== 'string' || name === '' || name === 'default') return undefined
  const digest = createHash('sha256').update(name).digest('hex')
  const meta = parseObject(await textOf(join(settings.configPath, 'contexts/meta', digest, 'meta.json')))
  const docker = parseObject(parseObject(meta?.['Endpoints'])?.['docker'])
  const host = docker?.['Host']
  if (typeof host !== 'string') {
    throw new EngineError(
      'unreachable',
      `the Docker context "${name}" has no endpoint; see: docker context inspect ${name}`,
    )
  }
  const certPath = join(settings.configPath, 'contexts/tls', digest, 'docker')
  return endpointOf(host, (await textOf(join(certPath, 'ca.pem'))) !== undefined, certPath)
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined) // absent, or not ours to read: as if it were not there
}

function parseObject(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'string') return typeof value === 'object' && value ? { ...value } : undefined
  try {
    const parsed: unknown = JSON.parse(value)
    return typeof parsed === 'object' && parsed ? { ...parsed } : undefined
  } catch {
    return undefined
  }
}
