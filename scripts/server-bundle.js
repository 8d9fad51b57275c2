/** How esbuild makes the server one file, for `build.js` and `dev.js`. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

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
  plugins: [leaveOut],
}
