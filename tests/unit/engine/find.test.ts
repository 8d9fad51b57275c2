/** Where an engine may be, from settings, contexts in temporary folders and the usual sockets. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FindSettings, findEndpoints } from '../../../server/engine/find.ts'

describe('findEndpoints', () => {
  let home: string
  let configPath: string

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'sluice-unit-'))
    configPath = join(home, '.docker')
  })
  afterEach(() => rmSync(home, { recursive: true }))

  const find = (settings: Partial<FindSettings>) => findEndpoints({ tls: false, configPath, home, ...settings })

  function write(path: string, content: unknown): void {
    const file = join(configPath, path)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  }

  function writeContext(name: string, host: unknown): string {
    const digest = createHash('sha256').update(name).digest('hex')
    write(`contexts/meta/${digest}/meta.json`, { Name: name, Endpoints: { docker: { Host: host } } })
    return digest
  }

  it('gives the usual sockets, Docker’s first, the user’s own before Podman’s', async () => {
    const addresses = (await find({ runtimePath: '/run/user/1000' })).map(({ address }) => address)
    expect(addresses).toEqual([
      'unix:///var/run/docker.sock',
      'unix:///run/user/1000/docker.sock',
      `unix://${home}/.docker/run/docker.sock`,
      'unix:///run/user/1000/podman/podman.sock',
      'unix:///run/podman/podman.sock',
    ])
    expect(await find({})).toHaveLength(3)
  })

  it.each([
    ['unix:///run/x.sock', { address: 'unix:///run/x.sock', socketPath: '/run/x.sock' }],
    ['/run/x.sock', { address: 'unix:///run/x.sock', socketPath: '/run/x.sock' }],
    ['tcp://10.0.0.5:2375', { address: 'tcp://10.0.0.5:2375', host: '10.0.0.5', port: 2375 }],
    ['tcp://docker', { address: 'tcp://docker:2375', host: 'docker', port: 2375 }],
    ['tcp://[::1]:4000', { address: 'tcp://[::1]:4000', host: '::1', port: 4000 }],
    ['http://docker:4000', { address: 'tcp://docker:4000', host: 'docker', port: 4000 }],
    ['http://docker:80', { address: 'tcp://docker:80', host: 'docker', port: 80 }],
    ['https://docker:443', { address: 'tcp://docker:443', host: 'docker', port: 443, tls: {} }],
    ['https://docker', { address: 'tcp://docker:2376', host: 'docker', port: 2376, tls: {} }],
    ['tcp://docker:2376', { address: 'tcp://docker:2376', host: 'docker', port: 2376, tls: {} }],
  ])('takes %s as the only place', async (dockerHost, endpoint) => {
    writeContext('shop', 'tcp://elsewhere:1')
    expect(await find({ dockerHost, context: 'shop' })).toEqual([endpoint])
  })

  it.each(['docker:2375', 'ssh://me@docker', 'npipe:////./pipe/docker', 'tcp://', 'tcp://a:99999', 'what', 'unix://'])(
    'refuses %s, and names it',
    async (dockerHost) => {
      await expect(find({ dockerHost })).rejects.toMatchObject({
        name: 'EngineError',
        code: 'unreachable',
        message: expect.stringContaining(`"${dockerHost}" must be unix:///path`),
      })
    },
  )

  it('reads the certificates that are there, for TLS only', async () => {
    write('ca.pem', 'CA')
    write('key.pem', 'KEY')
    expect(await find({ dockerHost: 'tcp://a:1', tls: true })).toEqual([
      { address: 'tcp://a:1', host: 'a', port: 1, tls: { ca: 'CA', key: 'KEY' } },
    ])
    expect(await find({ dockerHost: 'tcp://a:1' })).toEqual([{ address: 'tcp://a:1', host: 'a', port: 1 }])
    const [endpoint] = await find({ dockerHost: 'tcp://a', tls: true, certPath: join(home, 'nowhere') })
    expect(endpoint).toEqual({ address: 'tcp://a:2376', host: 'a', port: 2376, tls: {} })
  })

  it('takes the current context of the Docker configuration', async () => {
    write('config.json', { currentContext: 'rootless' })
    writeContext('rootless', 'unix:///run/user/7/docker.sock')
    expect(await find({})).toEqual([
      { address: 'unix:///run/user/7/docker.sock', socketPath: '/run/user/7/docker.sock' },
    ])
  })

  it('prefers the context that DOCKER_CONTEXT names', async () => {
    write('config.json', { currentContext: 'rootless' })
    writeContext('rootless', 'unix:///a.sock')
    writeContext('remote', 'tcp://remote:2375')
    expect(await find({ context: 'remote' })).toMatchObject([{ host: 'remote' }])
  })

  it('reads a context’s own certificates', async () => {
    const digest = writeContext('remote', 'tcp://remote:7777')
    for (const name of ['ca', 'cert', 'key']) write(`contexts/tls/${digest}/docker/${name}.pem`, name)
    expect(await find({ context: 'remote' })).toEqual([
      { address: 'tcp://remote:7777', host: 'remote', port: 7777, tls: { ca: 'ca', cert: 'cert', key: 'key' } },
    ])
  })

  it.each([
    ['the context is the default one', { currentContext: 'default' }],
    ['the configuration names none', { auths: {} }],
    ['the configuration is not JSON', '{"currentContext":'],
    ['the configuration is not an object', '[1]'],
    ['the name is not a string', { currentContext: 7 }],
  ])('gives the usual sockets where %s', async (_name, content) => {
    write('config.json', content)
    expect((await find({}))[0]).toEqual({ address: 'unix:///var/run/docker.sock', socketPath: '/var/run/docker.sock' })
  })

  it('says which context cannot be used', async () => {
    writeContext('odd', 7)
    for (const context of ['missing', 'odd', '../../etc']) {
      await expect(find({ context })).rejects.toThrow(`the Docker context "${context}" has no endpoint`)
    }
  })
})
