/** Flags and variables to a configuration; what cannot be used is one line for the person who gave it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError, HELP, readConfig } from '../../server/config.ts'

const HOME = { HOME: '/home/ada' }

/** The message of the error that these settings are. */
function refusal(args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  try {
    readConfig(args, { ...HOME, ...env })
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as Error).message
  }
  return 'was not refused'
}

describe('readConfig', () => {
  it('has a default for everything', () => {
    expect(readConfig([], HOME)).toEqual({
      command: 'serve',
      port: 8080,
      listen: '127.0.0.1',
      base: '/',
      logLevel: 'info',
      demo: 'off',
      maxSessions: 1_000,
      maxSessionsPerAddress: 200,
      find: {
        dockerHost: undefined,
        tls: false,
        certPath: undefined,
        context: undefined,
        configPath: '/home/ada/.docker',
        home: '/home/ada',
        runtimePath: undefined,
      },
    })
  })

  it.each([
    ['--port', 'SLUICE_PORT', '9000', (config) => config.port, 9000],
    ['--listen', 'SLUICE_LISTEN', '0.0.0.0', (config) => config.listen, '0.0.0.0'],
    [
      '--docker-host',
      'SLUICE_DOCKER_HOST',
      'tcp://10.0.0.5:2375',
      (config) => config.find.dockerHost,
      'tcp://10.0.0.5:2375',
    ],
    ['--base', 'SLUICE_BASE', '/logs', (config) => config.base, '/logs'],
    ['--log-level', 'SLUICE_LOG_LEVEL', 'debug', (config) => config.logLevel, 'debug'],
    ['--demo', 'SLUICE_DEMO', 'auto', (config) => config.demo, 'auto'],
    ['--max-sessions', 'SLUICE_MAX_SESSIONS', '5', (config) => config.maxSessions, 5],
    ['--max-sessions-per-address', 'SLUICE_MAX_SESSIONS_PER_ADDRESS', '5', (config) => config.maxSessionsPerAddress, 5],
  ] satisfies [string, string, string, (config: ReturnType<typeof readConfig>) => unknown, unknown][])(
    'reads %s and %s as the same setting, both in its help',
    (flag, variable, value, of, expected) => {
      expect(of(readConfig([`${flag}=${value}`], HOME))).toBe(expected)
      expect(of(readConfig([], { ...HOME, [variable]: value }))).toBe(expected)
      expect(HELP).toContain(flag)
      expect(HELP).toContain(variable)
    },
  )

  it('takes a value after a space as well', () => {
    expect(readConfig(['--port', '9000', '--log-level', 'warn'], HOME)).toMatchObject({ port: 9000, logLevel: 'warn' })
  })

  it('prefers a flag to a variable, and the last of two flags', () => {
    const env = { ...HOME, SLUICE_PORT: '1', SLUICE_LISTEN: '::' }
    expect(readConfig(['--port=2', '--port=3'], env)).toMatchObject({ port: 3, listen: '::' })
  })

  it('takes an empty variable for none, and leaves variables of others alone', () => {
    const env = { ...HOME, SLUICE_PORT: '', DOCKER_HOST: '', SLUICE_TEST_DOCKER: 'x', PORT: 'x', SLUICER: 'x' }
    expect(readConfig([], env)).toMatchObject({ port: 8080, find: { dockerHost: undefined } })
  })

  it.each([
    ['sluice', '/sluice'],
    ['/sluice/', '/sluice'],
    ['//a//b/', '/a/b'],
    ['/', '/'],
  ])('takes %s as the base %s', (given, base) => {
    expect(readConfig([`--base=${given}`], HOME).base).toBe(base)
  })

  it.each(['help', 'version', 'healthcheck'])('knows the command --%s', (command) => {
    expect(readConfig([`--${command}`], HOME).command).toBe(command)
  })

  it('looks for the engine where the variables of docker say, unless told otherwise', () => {
    const env = {
      ...HOME,
      DOCKER_HOST: 'tcp://a:2376',
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: '/certs',
      DOCKER_CONTEXT: 'shop',
      DOCKER_CONFIG: '/config',
      XDG_RUNTIME_DIR: '/run/user/1000',
    }
    const { find } = readConfig([], env)
    expect(find).toEqual({
      dockerHost: 'tcp://a:2376',
      tls: true,
      certPath: '/certs',
      context: 'shop',
      configPath: '/config',
      home: '/home/ada',
      runtimePath: '/run/user/1000',
    })
    expect(readConfig([], { ...env, SLUICE_DOCKER_HOST: '/sock' }).find.dockerHost).toBe('/sock')
  })

  it('shows the demo when asked, and by itself only where nobody named an engine to Sluice', () => {
    expect(readConfig(['--demo'], HOME).demo).toBe('on')
    expect(readConfig(['--demo=auto'], HOME).demo).toBe('auto')
    expect(readConfig(['--demo=auto', '--docker-host=/sock'], HOME).demo).toBe('off')
  })

  describe('refuses in one line', () => {
    it.each([
      [['--port=abc'], {}, /^--port "abc": a port is a number$/],
      [['--port=65536'], {}, /^--port "65536": /],
      [['--port=-1'], {}, /^--port "-1": /],
      [['--port=80.5'], {}, /^--port "80.5": /],
      [['--port='], {}, /^--port needs a value$/],
      [['--listen'], {}, /^--listen needs a value$/],
      [[], { SLUICE_PORT: 'x' }, /^SLUICE_PORT "x": a port is a number$/],
      [['--base=/a b'], {}, /^--base "\/a b": a base is a path/],
      [['--base=/a?b'], {}, /^--base /],
      [['--log-level=loud'], {}, /^--log-level "loud": .*info/],
      [['--demo=maybe'], {}, /^--demo "maybe": .*auto/],
      [['--max-sessions=0'], {}, /^--max-sessions "0": is at least 1$/],
      [['--max-sessions=many'], {}, /^--max-sessions "many": is a number of streams$/],
      [['--max-sessions=1.5'], {}, /^--max-sessions "1.5": /],
      [[], { SLUICE_MAX_SESSIONS_PER_ADDRESS: '-1' }, /^SLUICE_MAX_SESSIONS_PER_ADDRESS "-1": is at least 1$/],
      [['--prot=1'], {}, /^--prot is not a setting; did you mean --port\?$/],
      [['--loglevel=info'], {}, /did you mean --log-level\?$/],
      [['--hepl'], {}, /did you mean --help\?$/],
      [['-p', '80'], {}, /^-p is not a setting/],
      [['--no-demo'], {}, /^--no-demo is not a setting; did you mean --demo\?$/],
      [['8080'], {}, /^"8080" is not an option/],
      [['--zzzzzzzzzzzz'], {}, /^--zzzzzzzzzzzz is not a setting; see --help$/],
      [[], { SLUICE_PROT: '1' }, /^SLUICE_PROT is not a setting; did you mean SLUICE_PORT\?$/],
    ] satisfies [string[], NodeJS.ProcessEnv, RegExp][])('%j %j', (args, env, message) => {
      expect(refusal(args, env)).toMatch(message)
    })

    it('anything that breaks lines or holds terminal escapes', () => {
      const broken = '80\n90\u001b[31m'
      const messages = [
        refusal([`--port=${broken}`]),
        refusal([`--${broken}`]),
        refusal([broken]),
        refusal([], { SLUICE_PORT: broken }),
        refusal([], { [`SLUICE_${broken}`]: '1' }),
      ]
      for (const message of messages) expect(message).toMatch(/^[^\0-\u001f\u007f]+$/)
    })

    it('whatever else is given', () => {
      fc.assert(
        fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 3 }), (args) => {
          const strange = args.map((arg) => `--x${arg}`)
          expect(refusal(strange)).toMatch(/^--x[^\0-\u001f]* is not a setting; /)
        }),
      )
    })
  })
})
