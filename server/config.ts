/** Flags and SLUICE_* variables to one typed, validated configuration. A flag wins over a variable. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import leven from 'leven'
import * as z from 'zod'
import { ADDRESS_FORMS, type FindSettings, readAddress } from './engine/find.ts'
import { nearest } from './nearest.ts'

/** A setting that cannot be used; the message is one line for the person who gave it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'

  constructor(message: string) {
    super(printable(message))
  }
}

/** Decimal digits only: not ` 80`, `0x50` or `1e3`, which JavaScript reads as numbers too. */
const number = (least: number, most: number) => {
  const error = `must be a number from ${least} to ${most}`
  return z
    .string()
    .regex(/^\d{1,9}$/, error)
    .transform(Number)
    .refine((value) => value >= least && value <= most, error)
}

const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` })

const MOST_SESSIONS = 1_000_000 // more than one process has file descriptors for

const settings = z.object({
  port: number(0, 65_535).default(8080),
  listen: z.string().min(1).default('127.0.0.1'),
  'docker-host': z.string().refine(isAddress, `must be ${ADDRESS_FORMS}`).optional(),
  base: z
    .string()
    .regex(/^\/?[\w.~/-]*$/, 'must be a path such as /sluice')
    .transform((path) => `/${path.split('/').filter(Boolean).join('/')}`)
    .default('/'),
  'log-level': oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  demo: oneOf(['on', 'auto', 'off']).default('off'),
  'max-sessions': number(1, MOST_SESSIONS).default(1_000),
  'max-sessions-per-address': number(1, MOST_SESSIONS).default(200), // some tabs of each in an office behind one address
})

const PREFIX = 'SLUICE_'

type Setting = keyof z.infer<typeof settings>

const NAMES = Object.keys(settings.shape) as Setting[]
const COMMANDS = ['help', 'version', 'healthcheck'] as const
const SHORT: Readonly<Record<string, string>> = { help: 'h', version: 'v' }

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
  /** A line each: variables that look like settings and are none. */
  readonly warnings: readonly string[]
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
  --healthcheck       check that a running Sluice is healthy (exit 0 or 1)
  -h, --help          show this help
  -v, --version       show the version
`

/** Throws `ConfigError`. */
export function readConfig(args: readonly string[], env: NodeJS.ProcessEnv): Config {
  const { values, command } = readFlags(args)
  if (command === 'help' || command === 'version') env = {} // these work whatever the variables are
  const variables = readVariables(env)
  const given: Record<string, string> = { ...variables.values, ...values }
  const parsed = settings.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const name = String(issue?.path[0])
    throw new ConfigError(`${origin(name, values)} "${given[name]}": ${issue?.message}`)
  }
  const { port, listen, base, demo } = parsed.data
  const ofDocker = parsed.data['docker-host'] === undefined && demo !== 'on' ? env['DOCKER_HOST'] : undefined
  if (ofDocker && !isAddress(ofDocker)) throw new ConfigError(`DOCKER_HOST "${ofDocker}": must be ${ADDRESS_FORMS}`)
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
    warnings: variables.warnings,
  }
}

function isAddress(address: string): boolean {
  return readAddress(address) !== undefined
}

function origin(name: string, flags: Record<string, string>): string {
  return name in flags ? `--${name}` : variableOf(name)
}

function variableOf(name: string): string {
  return `${PREFIX}${name.toUpperCase().replaceAll('-', '_')}`
}

function readFlags(args: readonly string[]): { values: Record<string, string>; command: Config['command'] } {
  // `--demo` alone is short for `--demo=on`.
  const expanded = args.map((arg) => (arg === '--demo' ? '--demo=on' : arg))
  const strings = NAMES.map((name) => [name, { type: 'string' }] as const)
  const booleans = COMMANDS.map(
    (name) => [name, { type: 'boolean', ...(SHORT[name] && { short: SHORT[name] }) }] as const,
  )
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

/**
 * Reads the SLUICE_* variables. One that is almost a setting stops the start, since what it was to set would silently not
 * hold; one that is nothing like a setting is a warning, since other programs name variables too.
 */
function readVariables(env: NodeJS.ProcessEnv): { values: Record<string, string>; warnings: string[] } {
  const values: Record<string, string> = {}
  const warnings: string[] = []
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith(PREFIX) || variable.startsWith('SLUICE_TEST_') || value === undefined) continue
    if (isServiceLink(variable, value)) continue
    const name = NAMES.find((candidate) => variableOf(candidate) === variable)
    if (name) {
      if (value !== '') values[name] = value
      continue
    }
    const meant = NAMES.map(variableOf).filter((known) => isNear(variable, known))
    if (meant[0]) throw misnamed(variable, nearest(variable, meant)[0] ?? meant[0])
    warnings.push(printable(`${variable} is not a setting and has no effect; see --help`))
  }
  return { values, warnings }
}

/**
 * Whether a variable is one that Kubernetes, or a link of Docker's, sets for a Service or container called `sluice` or
 * `sluice-...`. A link passes on the other container's variables too, as `SLUICE_ENV_...`: of another Sluice, its settings.
 * Sources: https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables,
 * https://docs.docker.com/engine/network/links/#environment-variables
 */
function isServiceLink(variable: string, value: string): boolean {
  if (/_PORT$/.test(variable) && /^(?:tcp|udp|sctp):\/\//i.test(value)) return true
  if (/_NAME$/.test(variable) && /^\/[^/]+\/[^/]+$/.test(value)) return true
  if (/_ENV_/.test(variable)) return true
  return /_SERVICE_(?:HOST|PORT(?:_\w+)?)$|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:ADDR|PORT|PROTO))?$/.test(variable)
}

/** Whether `variable` is probably the setting `known` mistyped, or that with one word too many, or some too few. */
function isNear(variable: string, known: string): boolean {
  const [given, wanted] = [variable, known].map((name) => name.slice(PREFIX.length).toUpperCase()) as [string, string]
  if (given === '') return false
  const [more, fewer] = given.length > wanted.length ? [given, wanted] : [wanted, given]
  const added = given.split('_').length - wanted.split('_').length
  if (`_${more}_`.includes(`_${fewer}_`) && added <= 1) return true
  const distance = leven(given, wanted)
  const sorted = (name: string) => [...name].sort().join('')
  const isSwapped = distance === 2 && sorted(given) === sorted(wanted) // two letters in each other's place
  return isSwapped || distance <= (Math.min(given.length, wanted.length) > 5 ? 2 : 1)
}

function unknown(given: string, known: string[]): ConfigError {
  return misnamed(given, nearest(given, known)[0])
}

function misnamed(given: string, closest: string | undefined): ConfigError {
  return new ConfigError(`${given} is not a setting${closest ? `; did you mean ${closest}?` : '; see --help'}`)
}

/** What was given is quoted, and may hold anything. */
function printable(text: string): string {
  return text.replaceAll(/[\0-\x1f\x7f-\x9f]/g, '\ufffd')
}
