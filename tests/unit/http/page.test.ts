/** The page's base: relative, so that any prefix may stand before it. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { pageRouter } from '../../../server/http/page.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-page-'))
writeFileSync(join(folder, 'index.html'), '<!doctype html><base href="/" /><title>Sluice</title>')

async function serve(base: string) {
  const server = createServer(express().use(base, pageRouter(folder, base))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterAll(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

afterAll(() => rmSync(folder, { recursive: true }))

const BASES = ['/', '/sluice', '/tools/logs']
const origins = new Map(await Promise.all(BASES.map(async (base) => [base, await serve(base)] as const)))

const key = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/^\.{1,2}$/.test(text))
const route = fc.oneof(
  fc.constantFrom('/', '/logs', '/logs/', '/logs?container=a/b&at=2026-11-22T10:00:00Z'),
  fc
    .tuple(key, fc.constantFrom('', '/', '?q=a/../b'))
    .map(([name, rest]) => `/containers/${encodeURIComponent(name)}${rest}`),
)
const prefix = fc.constantFrom('', '/logs', '/a/b/c', '/containers', '/with%20space')

describe('the page', () => {
  it('finds its base from any address, behind any prefix that a proxy strips, with --base and without', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...BASES), prefix, route, async (base, stripped, path) => {
        const served = `${base === '/' ? '' : base}${path}`
        const html = await (await fetch(`${origins.get(base)}${served}`)).text()
        const [, href = ''] = /<base href="([^"]*)"/.exec(html) ?? []
        const inBrowser = new URL(`${stripped}${served}`, 'http://host')
        const root = `${stripped}${base === '/' ? '' : base}/`
        expect(new URL(href, inBrowser).href).toBe(new URL(root, 'http://host').href)
      }),
      { numRuns: 300 },
    )
  })

  it('says to a browser that an address names nothing, and leaves programs and the API to others', async () => {
    const ask = (path: string, accept: string) => fetch(`${origins.get('/')}${path}`, { headers: { accept } })
    for (const path of ['/nope', '/a/b/nope', '/containers/', '/containers/a/b']) {
      const answer = await ask(path, 'text/html,*/*;q=0.8')
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([path, 404, 'text/html; charset=utf-8'])
      const [, href = ''] = /<base href="([^"]*)"/.exec(await answer.text()) ?? []
      expect(new URL(href, `http://host${path}`).pathname).toBe('/')
    }
    const others = [
      ['/nope', '*/*'],
      ...['/api/nope', '/assets/nope.js', '/a'.repeat(100)].map((path) => [path, 'text/html']),
    ]
    for (const [path = '', accept = ''] of others) {
      const answer = await ask(path, accept)
      expect([path, answer.status, (await answer.text()).includes('<title>Sluice')]).toEqual([path, 404, false])
    }
  })

  it.each(['/sluice', '/tools/logs'])('finds its base at %s, which has no slash at its end', async (base) => {
    const html = await (await fetch(`${origins.get(base)}${base}?time=utc`)).text()
    const [, href = ''] = /<base href="([^"]*)"/.exec(html) ?? []
    expect(new URL(href, `http://host/any${base}?time=utc`).pathname).toBe(`/any${base}/`)
  })
})
