/**
 * An engine of many containers in a process of its own, for the bench: it answers from texts made before it listens, so that
 * little of what is measured is its work. `node crowd-engine.js SOCKET COUNT`; sends its parent `ready`, and the time
 * (Unix milliseconds) of the first request and of the answer to the last inspection. Listens when it is sent `listen`.
 */
import { createServer } from 'node:http'

const [socket = '', number = '1000'] = process.argv.slice(2)
const COUNT = Number(number)
const CREATED = Date.parse('2026-11-22T10:00:00Z')

/** Labels as compose and a reverse proxy leave them. */
const labelsOf = (/** @type {number} */ index) => ({
  'com.docker.compose.config-hash': 'f'.repeat(64),
  'com.docker.compose.container-number': '1',
  'com.docker.compose.image': `sha256:${'e'.repeat(64)}`,
  'com.docker.compose.project': `shop-${index % 500}`,
  'com.docker.compose.project.config_files': `/srv/shop-${index % 500}/docker-compose.yml`,
  'com.docker.compose.project.working_dir': `/srv/shop-${index % 500}`,
  'com.docker.compose.service': `web-${index}`,
  'com.docker.compose.version': '2.30.3',
  'org.opencontainers.image.source': 'https://example.org/shop/web',
  'traefik.enable': 'true',
  [`traefik.http.routers.web-${index}.rule`]: `Host(\`web-${index}.example.org\`)`,
})
const idOf = (/** @type {number} */ index) => index.toString(16).padStart(11, '0').padStart(12, 'c').padEnd(64, 'a')
// Not in the order of their names, as no engine sorts by them.
const nameOf = (/** @type {number} */ index) => `shop-${(index * 7919) % COUNT}-web-${index}`
const endpoint = {
  NetworkID: 'b'.repeat(64),
  EndpointID: 'c'.repeat(64),
  IPAddress: '172.18.0.2',
  Gateway: '172.18.0.1',
}

const listed = JSON.stringify(
  Array.from({ length: COUNT }, (_, index) => ({
    Id: idOf(index),
    Names: [`/${nameOf(index)}`],
    Image: `registry.example.org/shop/web:${index % 10}`,
    ImageID: `sha256:${'d'.repeat(64)}`,
    Command: 'docker-entrypoint.sh node --enable-source-maps dist/server.js',
    Created: CREATED / 1000 + index,
    Ports: [{ IP: '0.0.0.0', PrivatePort: 80, PublicPort: 10_000 + index, Type: 'tcp' }],
    Labels: labelsOf(index),
    State: 'running',
    Status: 'Up 3 days (healthy)',
    HostConfig: { NetworkMode: 'shop' },
    NetworkSettings: { Networks: { shop: endpoint } },
    Mounts: [{ Type: 'volume', Name: 'data', Source: '/var/lib/docker/volumes/data/_data', Destination: '/data' }],
  })),
)

const inspected = (/** @type {number} */ index) =>
  JSON.stringify({
    Id: idOf(index),
    Created: new Date(CREATED + index * 1000).toISOString(),
    Path: 'docker-entrypoint.sh',
    Args: ['node', '--enable-source-maps', 'dist/server.js'],
    State: {
      Status: 'running',
      Running: true,
      ExitCode: 0,
      StartedAt: new Date(CREATED + index * 1000 + 500).toISOString(),
      FinishedAt: '0001-01-01T00:00:00Z',
      Health: { Status: 'healthy', Log: Array(5).fill({ ExitCode: 0, Output: 'ok '.repeat(20) }) },
    },
    Name: `/${nameOf(index)}`,
    HostConfig: { LogConfig: { Type: 'json-file', Config: {} } },
    Config: {
      Tty: false,
      Image: `registry.example.org/shop/web:${index % 10}`,
      Env: Array.from({ length: 20 }, (__, number) => `VARIABLE_${number}=${'x'.repeat(30)}`),
      Labels: labelsOf(index),
    },
    NetworkSettings: { Networks: { shop: endpoint } },
  })

let first = 0
let inspections = 0
const server = createServer((request, response) => {
  const url = request.url ?? ''
  if (first === 0) {
    first = Date.now()
    process.send?.({ first })
  }
  if (url.startsWith('/version')) return response.end('{"ApiVersion":"1.50","Version":"28.2.2"}')
  if (url.startsWith('/info')) return response.end('{"Name":"crowd"}')
  if (url.startsWith('/events')) return url.includes('until') ? response.end() : response.flushHeaders()
  if (url.startsWith('/containers/json')) return response.end(listed)
  const id = /^\/containers\/c([0-9a-f]{11})[0-9a-f]*\/json/.exec(url)?.[1]
  if (id === undefined) return response.end('OK')
  response.end(inspected(Number.parseInt(id, 16)))
  if (++inspections === COUNT) process.send?.({ last: Date.now() })
})
process.on('message', () => server.listen(socket))
process.on('disconnect', () => process.exit())
process.send?.({ ready: true })
