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
      warnings: [],
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

  it.each([
    ['--help', 'help'],
    ['-h', 'help'],
    ['--version', 'version'],
    ['-v', 'version'],
    ['--healthcheck', 'healthcheck'],
  ])('knows the command %s', (flag, command) => {
    expect(readConfig([flag], HOME).command).toBe(command)
    expect(HELP).toMatch(new RegExp(`(^|[ ,])${flag}\\b`, 'm'))
  })

  it.each(['--help', '-h', '--version', '-v'])('shows %s whatever the variables are', (flag) => {
    const env = { ...HOME, SLUICE_PORT: 'x', SLUICE_PROT: '1', DOCKER_HOST: 'ftp://x' }
    expect(readConfig([flag], env)).toMatchObject({ command: expect.stringMatching(/help|version/), warnings: [] })
  })

  it.each(['', ' 80', '80 ', '+80', '-0', '0x50', '0b1', '1e3', '8_0', '80.0', '８０', 'Infinity', '9'.repeat(400)])(
    'takes only decimal digits for a number: not %j',
    (value) => {
      for (const name of ['port', 'max-sessions', 'max-sessions-per-address'])
        expect(refusal([`--${name}=${value}`])).toMatch(/: must be a number from \d+ to \d+$|needs a value$/)
    },
  )

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

  describe('of a Kubernetes Service or a linked container', () => {
    // What Kubernetes sets for Services called sluice, sluice-db and sluice-port, with a named port; and Docker's --link.
    const links = {
      SLUICE_PORT: 'tcp://10.0.0.1:8080',
      SLUICE_SERVICE_HOST: '10.0.0.1',
      SLUICE_SERVICE_PORT: '8080',
      SLUICE_SERVICE_PORT_HTTP: '8080',
      SLUICE_SERVICE_PORT_DOCKER_HOST: '8080',
      SLUICE_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
      SLUICE_PORT_8080_TCP_ADDR: '10.0.0.1',
      SLUICE_PORT_8080_TCP_PORT: '8080',
      SLUICE_PORT_8080_TCP_PROTO: 'tcp',
      SLUICE_PORT_53_UDP: 'udp://10.0.0.1:53',
      SLUICE_DB_PORT: 'tcp://10.0.0.2:5432',
      SLUICE_DB_SERVICE_HOST: '10.0.0.2',
      SLUICE_DB_PORT_5432_TCP_ADDR: '10.0.0.2',
      SLUICE_PORT_PORT: 'TCP://10.0.0.3:80',
      SLUICE_PORT_SERVICE_HOST: '10.0.0.3',
      SLUICE_LISTEN_SERVICE_HOST: '10.0.0.4',
      SLUICE_ENV_PORT: 'tcp://10.0.0.5:8080',
      SLUICE_ENV_SERVICE_HOST: '10.0.0.5',
      SLUICE_ENV_SERVICE_PORT_HTTP: '8080',
      SLUICE_ENV_PORT_8080_TCP_ADDR: '10.0.0.5',
      // The variables of a linked container, as those of another Sluice.
      SLUICE_NAME: '/proxy/sluice',
      SLUICE_ENV_SLUICE_PORT: '8',
      SLUICE_ENV_PORT_: '8',
      SLUICE_ENV_PROT: '8',
      SLUICE_ENV_PATH: '/usr/bin',
      SLUICE_1_ENV_LISTEN: '::',
      SLUICE_DB_NAME: '/proxy/db',
      SLUICE_DB_ENV_SLUICE_BASE: '/x',
    }

    it.each(Object.entries(links))('passes over %s=%s', (variable, value) => {
      expect(readConfig([], { ...HOME, [variable]: value })).toEqual(readConfig([], HOME))
    })

    it('passes over all of them beside settings, whose flags still hold', () => {
      const config = readConfig(['--port=9000'], { ...HOME, ...links, SLUICE_LISTEN: '::' })
      expect(config).toMatchObject({ port: 9000, listen: '::', warnings: [] })
    })
  })

  it.each([
    'SLUICE_DB_URL',
    'SLUICE_HOME',
    'SLUICE_NAME',
    'SLUICE_VERSION',
    'SLUICE_',
    'SLUICE_X',
    'SLUICE_GIT_HTTP_PORT',
    'SLUICE_CHART_BASE_IMAGE',
    'SLUICE_MY_OWN_DEMO',
  ])('goes on with a warning where %s is nothing like a setting', (variable) => {
    const { warnings, ...config } = readConfig([], { ...HOME, [variable]: 'secret' })
    expect(warnings).toEqual([`${variable} is not a setting and has no effect; see --help`])
    expect({ ...config, warnings: [] }).toEqual(readConfig([], HOME))
  })

  it.each([
    ['SLUICE_PROT', 'SLUICE_PORT'],
    ['SLUICE_PORTS', 'SLUICE_PORT'],
    ['SLUICE_HTTP_PORT', 'SLUICE_PORT'],
    ['SLUICE_LISTEN_ADDRESS', 'SLUICE_LISTEN'],
    ['SLUICE_LISTN', 'SLUICE_LISTEN'],
    ['SLUICE_HOST', 'SLUICE_DOCKER_HOST'],
    ['SLUICE_DOCKERHOST', 'SLUICE_DOCKER_HOST'],
    ['SLUICE_BASE_PATH', 'SLUICE_BASE'],
    ['SLUICE_LOGLEVEL', 'SLUICE_LOG_LEVEL'],
    ['SLUICE_LEVEL', 'SLUICE_LOG_LEVEL'],
    ['SLUICE_MAX_SESSION', 'SLUICE_MAX_SESSIONS'],
    ['SLUICE_port', 'SLUICE_PORT'],
  ])('refuses %s, which is almost %s', (variable, meant) => {
    expect(refusal([], { [variable]: '1' })).toBe(`${variable} is not a setting; did you mean ${meant}?`)
  })

  it('refuses every setting with one letter left out, added or changed, or two swapped', () => {
    const variables = [...HELP.matchAll(/SLUICE_[A-Z_]+/g)].map(([name]) => name)
    expect(variables.length).toBeGreaterThan(7)
    const letter = fc.constantFrom(...'ABCXYZ_')
    fc.assert(
      fc.property(fc.constantFrom(...variables), fc.nat(), letter, fc.nat(3), (variable, where, other, kind) => {
        const start = 'SLUICE_'.length
        const at = start + (where % (variable.length - start))
        const [before, here, next, after] = [
          variable.slice(0, at),
          variable[at] ?? '',
          variable[at + 1] ?? '',
          variable.slice(at + 2),
        ]
        const typos = [next + after, other + here + next + after, other + next + after, next + here + after]
        const typo = before + typos[kind]
        fc.pre(!variables.includes(typo))
        expect(refusal([], { [typo]: '1' })).toMatch(/^SLUICE_\w* is not a setting; did you mean SLUICE_/)
      }),
    )
  })

  describe('an address of an engine', () => {
    const FORMS = 'must be unix:///path, tcp://host:port or https://host:port'
    const bad = [
      'ftp://x',
      'tcp://',
      'unix://',
      'unix:///',
      '/',
      'unix://run/docker.sock',
      'tcp://host:99999',
      'tcp://host:0',
      'tcp://host:port',
      'tcp://ho st',
      'tcp://[::1',
      'tcp://host:2375/path',
      'tcp://ada:secret@host',
      'host:2375',
      'host',
      'docker.sock',
      'ssh://ada@host',
      'npipe:////./pipe/docker_engine',
      'fd://',
    ]
    it.each(bad)('is refused where it is %s, whichever setting has it', (address) => {
      expect(refusal(['--docker-host', address])).toBe(`--docker-host "${address}": ${FORMS}`)
      expect(refusal([], { SLUICE_DOCKER_HOST: address })).toBe(`SLUICE_DOCKER_HOST "${address}": ${FORMS}`)
      expect(refusal([], { DOCKER_HOST: address })).toBe(`DOCKER_HOST "${address}": ${FORMS}`)
    })

    it.each([
      'unix:///run/x.sock',
      '/run/x.sock',
      'tcp://host',
      'tcp://host/',
      'tcp://[::1]:2375',
      'http://host',
      'https://host:443',
    ])('is taken where it is %s', (address) => {
      expect(readConfig(['--docker-host', address], HOME).find.dockerHost).toBe(address)
      expect(readConfig([], { ...HOME, DOCKER_HOST: address }).find.dockerHost).toBe(address)
    })

    it('of DOCKER_HOST does not matter where it is not used', () => {
      const env = { ...HOME, DOCKER_HOST: 'ssh://ada@host' }
      expect(readConfig(['--docker-host=/sock'], env).find.dockerHost).toBe('/sock')
      expect(readConfig(['--demo'], env).demo).toBe('on')
    })
  })

  it('shows the demo when asked, and by itself only where nobody named an engine to Sluice', () => {
    expect(readConfig(['--demo'], HOME).demo).toBe('on')
    expect(readConfig(['--demo=auto'], HOME).demo).toBe('auto')
    expect(readConfig(['--demo=auto', '--docker-host=/sock'], HOME).demo).toBe('off')
  })

  describe('refuses in one line', () => {
    it.each([
      [['--port=abc'], {}, /^--port "abc": must be a number from 0 to 65535$/],
      [['--port=65536'], {}, /^--port "65536": /],
      [['--port=-1'], {}, /^--port "-1": /],
      [['--port=80.5'], {}, /^--port "80.5": /],
      [['--port='], {}, /^--port needs a value$/],
      [['--listen'], {}, /^--listen needs a value$/],
      [[], { SLUICE_PORT: 'x' }, /^SLUICE_PORT "x": must be a number from 0 to 65535$/],
      [['--base=/a b'], {}, /^--base "\/a b": must be a path/],
      [['--base=/a?b'], {}, /^--base /],
      [['--log-level=loud'], {}, /^--log-level "loud": must be one of fatal, error, warn, info, debug, trace, silent$/],
      [['--demo=maybe'], {}, /^--demo "maybe": must be one of on, auto, off$/],
      [['--max-sessions=0'], {}, /^--max-sessions "0": must be a number from 1 to 1000000$/],
      [['--max-sessions=many'], {}, /^--max-sessions "many": must be a number from 1 to 1000000$/],
      [['--max-sessions=1.5'], {}, /^--max-sessions "1.5": /],
      [
        [],
        { SLUICE_MAX_SESSIONS_PER_ADDRESS: '-1' },
        /^SLUICE_MAX_SESSIONS_PER_ADDRESS "-1": must be a number from 1 to 1000000$/,
      ],
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
