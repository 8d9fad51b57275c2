/** Flags and SLUICE_* variables to one typed, validated configuration. A flag wins over a variable. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import type { FindSettings } from './engine/find.ts'
import { nearest } from './nearest.ts'

/** A setting that cannot be used; the message is one line for the person who gave it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'

  constructor(message: string) {
    super(message.replaceAll(/[\0-\x1f\x7f-\x9f]/g, '\ufffd')) // what was given is quoted, and may hold anything
  }
}

const streams = z.coerce.number({ error: 'is a number of streams' }).int().min(1, 'is at least 1')

const settings = z.object({
  port: z.coerce.number({ error: 'a port is a number' }).int().min(0).max(65535).default(8080),
  listen: z.string().min(1).default('127.0.0.1'),
  'docker-host': z.string().min(1).optional(),
  base: z
    .string()
    .regex(/^\/?[\w.~/-]*$/, 'a base is a path such as /sluice')
    .transform((path) => `/${path.split('/').filter(Boolean).join('/')}`)
    .default('/'),
  'log-level': z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  demo: z.enum(['on', 'auto', 'off']).default('off'),
  'max-sessions': streams.default(1_000),
  'max-sessions-per-address': streams.default(200), // some tabs of each in an office behind one address
})

type Setting = keyof z.infer<typeof settings>

const NAMES = Object.keys(settings.shape) as Setting[]
const COMMANDS = ['help', 'version', 'healthcheck'] as const

export interface Config {
  readonly command: (typeof COMMANDS)[number] | 'serve'
  readonly port: number
  readonly listen: string
  /** `/`, or a prefix without a slash at its end. */
  readonly base: string
  readonly logLevel: z.infer<typeof settings>['log-level']
  /** `on`: the demo engine only; `auto`: where no engine answers. */
  readonly demo: 'on' | 'auto' | 'off'
  /** Streams open at once, of all clients and of one address. */
  readonly maxSessions: number
  readonly maxSessionsPerAddress: number
  readonly find: FindSettings
}

export const HELP = `Sluice: live Docker logs in the browser

  --port N            SLUICE_PORT         port (8080); 0 takes a free one
  --listen ADDRESS    SLUICE_LISTEN       address to listen on (127.0.0.1)
  --docker-host URL   SLUICE_DOCKER_HOST  engine: unix:///path or tcp://host:port (found by itself)
  --base PATH         SLUICE_BASE         path prefix behind a proxy (/)
  --log-level LEVEL   SLUICE_LOG_LEVEL    fatal, error, warn, info, debug, trace or silent (info)
  --demo              SLUICE_DEMO         on: sample containers; auto: only where no engine answers (off)
  --max-sessions N    SLUICE_MAX_SESSIONS streams open at once, of all clients together (1000)
  --max-sessions-per-address N
                      SLUICE_MAX_SESSIONS_PER_ADDRESS
                      the same from one address (200); behind a proxy all clients have the proxy's
  --healthcheck       ask a running Sluice whether it serves: exit code 0 or 1
  --help, --version
`

/** Throws `ConfigError`. */
export function readConfig(args: readonly string[], env: NodeJS.ProcessEnv): Config {
  const { values, command } = readFlags(args)
  const given: Record<string, string> = { ...readVariables(env), ...values }
  const parsed = settings.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const name = String(issue?.path[0])
    throw new ConfigError(`${origin(name, values)} "${given[name]}": ${issue?.message}`)
  }
  const { port, listen, base, demo } = parsed.data
  const home = env['HOME'] || homedir()
  return {
    command,
    port,
    listen,
    base,
    logLevel: parsed.data['log-level'],
    maxSessions: parsed.data['max-sessions'],
    maxSessionsPerAddress: parsed.data['max-sessions-per-address'],
    // Someone who names an engine to Sluice itself wants that one, or to be told what is wrong with it.
    demo: demo === 'auto' && parsed.data['docker-host'] ? 'off' : demo,
    find: {
      dockerHost: parsed.data['docker-host'] ?? (env['DOCKER_HOST'] || undefined),
      tls: (env['DOCKER_TLS_VERIFY'] ?? '') !== '',
      certPath: env['DOCKER_CERT_PATH'] || undefined,
      context: env['DOCKER_CONTEXT'] || undefined,
      configPath: env['DOCKER_CONFIG'] || join(home, '.docker'),
      home,
      runtimePath: env['XDG_RUNTIME_DIR'] || undefined,
    },
  }
}

function origin(name: string, flags: Record<string, string>): string {
  return name in flags ? `--${name}` : variableOf(name)
}

function variableOf(name: string): string {
  return `SLUICE_${name.toUpperCase().replaceAll('-', '_')}`
}

function readFlags(args: readonly string[]): { values: Record<string, string>; command: Config['command'] } {
  // `--demo` alone is short for `--demo=on`.
  const expanded = args.map((arg) => (arg === '--demo' ? '--demo=on' : arg))
  const strings = NAMES.map((name) => [name, { type: 'string' }] as const)
  const booleans = COMMANDS.map((name) => [name, { type: 'boolean' }] as const)
  const options = Object.fromEntries([...strings, ...booleans])
  const { tokens } = parseArgs({ args: expanded, options, strict: false, tokens: true })
  const values: Record<string, string> = {}
  let command: Config['command'] = 'serve'
  for (const token of tokens) {
    if (token.kind === 'positional') throw new ConfigError(`"${token.value}" is not an option; options begin with --`)
    if (token.kind !== 'option') continue
    const asked = COMMANDS.find((name) => name === token.name)
    if (asked) command = asked
    else if (!NAMES.includes(token.name as Setting))
      throw unknown(
        token.rawName,
        [...NAMES, ...COMMANDS].map((name) => `--${name}`),
      )
    else if (token.value === undefined || token.value === '') throw new ConfigError(`--${token.name} needs a value`)
    else values[token.name] = token.value
  }
  return { values, command }
}

function readVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('SLUICE_') || variable.startsWith('SLUICE_TEST_') || value === undefined) continue
    const name = NAMES.find((candidate) => variableOf(candidate) === variable)
    if (!name) throw unknown(variable, NAMES.map(variableOf))
    if (value !== '') values[name] = value
  }
  return values
}

function unknown(given: string, known: string[]): ConfigError {
  const [closest] = nearest(given, known)
  return new ConfigError(`${given} is not a setting${closest ? `; did you mean ${closest}?` : '; see --help'}`)
}
