/** What is built holds code of others: their licences are beside it. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { packageOf } from '../../scripts/licences.js'
import { serverBundle } from '../../scripts/server-bundle.js'
import { SERVER } from '../sluice/server.ts'

const file = fileURLToPath(new URL('THIRD-PARTY-LICENSES.txt', `file://${SERVER}`))

describe('THIRD-PARTY-LICENSES.txt', () => {
  const text = readFileSync(file, 'utf8')
  const packages = [...text.matchAll(/^(\S+) (\d+\.\d+\.\d\S*) \((.+)\)$/gm)].map(([, name]) => name)

  it('names each package whose code is in the server’s bundle, and no other of the server’s', async () => {
    // Not minified, a bundle names each module before its code; those that become empty have none.
    const { outputFiles } = await build({ ...serverBundle, write: false })
    const modules = [...(outputFiles[0]?.text ?? '').matchAll(/^\s*\/\/ node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm)]
    const bundled = new Set(modules.map(([, name]) => name))
    expect(bundled.size).toBeGreaterThan(30)
    expect(packages).toEqual(expect.arrayContaining([...bundled]))
    expect(packages.filter((name) => !bundled.has(name ?? ''))).toEqual(['rolldown', 'solid-js', 'vite'])
    expect(packages).not.toContain('ssh2')
  })

  it('has the text of each licence', () => {
    const parts = text.split(`\n${'-'.repeat(80)}\n`)
    expect(parts).toHaveLength(packages.length)
    for (const part of parts) expect(part).toMatch(/copyright|licen[cs]ed? text/i)
    expect(text).not.toContain('Licenses of bundled dependencies')
  })
})

describe('packageOf', () => {
  const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '')
  it.each([
    ['node_modules/express/lib/express.js', 'node_modules/express'],
    ['node_modules/a/node_modules/b/index.js', 'node_modules/a/node_modules/b'],
    [`${root}/node_modules/solid-js/web/dist/web.js?used`, 'node_modules/solid-js'],
    ['node_modules/@pinojs/redact/index.js', 'node_modules/@pinojs/redact'],
    ['\0vite/preload-helper.js', 'node_modules/vite'],
    ['\0nobody/of-this-name.js', undefined],
    ['\0', undefined],
    ['server/main.ts', undefined],
    ['left-out:ssh2', undefined],
  ])('finds for %j %j', (module, folder) => {
    expect(packageOf(root, module)).toBe(folder && `${root}/${folder}`)
  })
})
