/**
 * Builds what production runs: `dist/server.js`, one file for plain Node, and `dist/web/`, each file compressed beside itself;
 * and `dist/THIRD-PARTY-LICENSES.txt`, of what is bundled in either.
 */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { gzipAsync } from '@gfx/zopfli'
import { build as bundle, transformSync } from 'esbuild'
import { build as buildPage } from 'vite'
import { licences } from './licences.js'
import { serverBundle } from './server-bundle.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = join(root, 'dist/web')
/** Zopfli's gzip is 3 % smaller than zlib's best: browsers take no Brotli over plain HTTP. More rounds find nothing more. */
const ROUNDS = 5
const COMPRESSED = ['.js', '.css', '.svg'] // index.html is compressed by the server, which puts its base into it

rmSync(join(root, 'dist'), { recursive: true, force: true })

/** @type {Set<string>} */
const modules = new Set()
/** @returns {import('vite').Plugin} */
const noteModules = () => ({
  name: 'note-modules',
  generateBundle(_, output) {
    for (const chunk of Object.values(output))
      if (chunk.type === 'chunk') for (const module of chunk.moduleIds) modules.add(module)
  },
})
const [server] = await Promise.all([
  bundle({ ...serverBundle, minify: true, metafile: true }),
  buildPage({
    root: join(root, 'web'),
    logLevel: 'warn',
    plugins: [noteModules()],
    worker: { plugins: () => [noteModules()] },
  }),
])
for (const [module, { bytesInOutput }] of Object.entries(server.metafile.outputs['dist/server.js']?.inputs ?? {}))
  if (bytesInOutput > 0) modules.add(module)
writeFileSync(join(root, 'dist/THIRD-PARTY-LICENSES.txt'), licences(root, modules))

// Vite copies public files as they are: the comments are a third of this one.
const early = join(page, 'early.js')
writeFileSync(early, transformSync(readFileSync(early, 'utf8'), { minify: true }).code)

for (const name of readdirSync(page, { recursive: true, encoding: 'utf8' })) {
  const path = join(page, name)
  if (!statSync(path).isFile() || !COMPRESSED.includes(extname(path))) continue
  const content = readFileSync(path)
  writeFileSync(`${path}.br`, brotliCompressSync(content))
  writeFileSync(`${path}.gz`, await gzipAsync(content, { numiterations: ROUNDS }))
}
