/** The bundle has few of the media types that Express knows: as many as its answers need. */
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { serverBundle } from '../../scripts/server-bundle.js'

interface MimeTypes {
  readonly types: Readonly<Record<string, string>>
  contentType(typeOrExtension: string): string | false
}

const { absWorkingDir, plugins } = serverBundle
const root = fileURLToPath(new URL('../..', import.meta.url))
// Express's own, as the bundle has it.
const resolveDir = fileURLToPath(new URL('.', `file://${createRequire(`${root}/x.js`).resolve('express')}`))

/** `mime-types` as a bundle has it. */
async function bundled(options: object): Promise<MimeTypes> {
  const { outputFiles } = await build({
    stdin: { contents: `export * from 'mime-types'`, resolveDir },
    absWorkingDir,
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    ...options,
  })
  const module = { exports: {} }
  new Function('module', 'exports', 'require', outputFiles[0]?.text ?? '')(module, {}, createRequire(import.meta.url))
  return module.exports as MimeTypes
}

it('answers with the same media types as Express has, charset included, whatever is named in full', async () => {
  const [few, all] = await Promise.all([bundled({ plugins }), bundled({})])
  expect(Object.keys(few.types).length).toBeLessThan(Object.keys(all.types).length / 10)
  const named = [...new Set(Object.values(all.types)), 'text/event-stream', 'application/x-ndjson', 'text/plain']
  expect(named.map((type) => few.contentType(type))).toEqual(named.map((type) => all.contentType(type)))
})

it('knows what the page’s files are called', async () => {
  const [few, all] = await Promise.all([bundled({ plugins }), bundled({})])
  const ofPage = readdirSync(`${root}/web/public`).map((name) => extname(name))
  for (const extension of [...ofPage, '.html', '.js', '.css', 'json', 'txt']) {
    expect(few.contentType(extension)).toBe(all.contentType(extension))
    expect(few.contentType(extension)).toBeTruthy()
  }
})
