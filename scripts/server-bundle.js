/** How esbuild makes the server one file, for `build.js` and `dev.js`. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

/** The media types that Express needs by name: of what the page's files are called, and of what the interface answers. */
const EXTENSIONS = ['html', 'js', 'css', 'svg', 'png', 'ico', 'woff2', 'webmanifest', 'json', 'txt']

/**
 * What is loaded at the start and never used: dockerode's means of building images and of ssh, Express's of reading bodies
 * and of serving folders. Each becomes an empty module; together they are most of the time and memory of a start.
 */
const UNUSED = [
  '@grpc/grpc-js',
  '@grpc/proto-loader',
  '@balena/dockerignore',
  'protobufjs',
  'ssh2',
  'tar-fs',
  'body-parser',
  'serve-static',
  'qs',
]

/** @type {import('esbuild').Plugin} */
const leaveOut = {
  name: 'leave-out',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(${UNUSED.join('|')})$`) }, ({ path }) => ({ path, namespace: 'left-out' }))
    build.onLoad({ filter: /./, namespace: 'left-out' }, () => ({ contents: 'module.exports = {}', loader: 'js' }))
  },
}

/**
 * Express looks types up in a database of 2 500, which is 150 kB of the bundle and 4.7 MiB of the process (Node 20). Those
 * with a charset stay, as Express adds it where a type is given in full.
 * @type {import('esbuild').Plugin}
 */
const fewMediaTypes = {
  name: 'few-media-types',
  setup(build) {
    build.onLoad({ filter: /[\\/]mime-db[\\/]db\.json$/ }, ({ path }) => {
      /** @type {Record<string, { charset?: string, extensions?: string[] }>} */
      const all = JSON.parse(readFileSync(path, 'utf8'))
      const needed = Object.entries(all).filter(
        ([, { charset, extensions = [] }]) =>
          charset !== undefined || extensions.some((extension) => EXTENSIONS.includes(extension)),
      )
      return { contents: JSON.stringify(Object.fromEntries(needed)), loader: 'json' }
    })
  },
}

/** @satisfies {import('esbuild').BuildOptions} */
export const serverBundle = {
  absWorkingDir: root,
  entryPoints: ['server/main.ts'],
  outfile: 'dist/server.js',
  bundle: true,
  platform: /** @type {const} */ ('node'),
  target: 'node20.19',
  format: /** @type {const} */ ('esm'),
  // Some dependencies are CommonJS, and call `require` for what Node brings.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  define: { SLUICE_VERSION: JSON.stringify(version) },
  legalComments: /** @type {const} */ ('none'),
  logLevel: /** @type {const} */ ('warning'),
  // docker-modem's, for a Node that had none of its own: half a MiB.
  alias: { 'readable-stream': 'node:stream' },
  plugins: [leaveOut, fewMediaTypes],
}
