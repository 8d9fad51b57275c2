/** What is masked of the labels that a client asks for, and what is not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MASK, masked } from '../../../server/sse/secrets.ts'

const HASH = '$2y$05$J0kY7m0O8Cq1w3v5x7z9aeVQ8bS0d2f4h6j8l0n2p4r6t8v0x2z4G'

describe('masked', () => {
  it.each([
    // By name.
    ['traefik.http.middlewares.auth.basicauth.users', 'ada:pw'],
    ['traefik.http.middlewares.x.digestauth.users', 'ada:traefik:a2688e031edb4be6a3797f3882655c05'],
    ['DB_PASSWORD', 'x'],
    ['com.example.dbPassword', 'x'],
    ['passwd', 'x'],
    ['db.pass', 'x'],
    ['ftp-pwd', 'x'],
    ['my.secret', 'x'],
    ['client_secrets_file', 'x'],
    ['accessToken', 'x'],
    ['ACCESS_TOKEN', 'x'],
    ['watchtower.notification.webhook', 'https://hooks.example/T0/B0/x'],
    ['api-key', 'x'],
    ['apiKey', 'x'],
    ['aws.accessKeyId', 'x'],
    ['ssh.key', 'x'],
    ['privateKey', 'x'],
    ['sentry.dsn', 'x'],
    ['x.auth', 'x'],
    ['x.Authorization', 'x'],
    ['session.cookie', 'x'],
    ['azure.connectionString', 'x'],
    // By value.
    ['a', `ada:${HASH}`],
    ['a', `ada:${HASH.replaceAll('$', '$$$$')}`],
    ['a', 'ada:$apr1$x$y'],
    ['a', '$6$rounds=5000$x$y'],
    ['a', 'ada:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g='],
    ['a', 'serve --password=hunter2 --port 80'],
    ['a', 'serve --password hunter2'],
    ['a', 'serve -token hunter2'],
    ['a', '{"password": "hunter2"}'],
    ['a', 'user=ada;Password=hunter2'],
    ['a', 'https://example.org/?access_token=hunter2'],
    ['a', 'https://x.blob.core.windows.net/y?se=2026&sig=abc'],
    ['a', 'Authorization: Bearer abcdefgh.ijkl'],
    ['a', 'Basic YWRhOmh1bnRlcjI='],
    ['a', '-----BEGIN RSA PRIVATE KEY-----\nMII'],
    ['a', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc'],
    ['a', 'ghp_0123456789abcdef0123'],
    ['a', 'glpat-0123456789abcdef'],
    ['a', 'AKIAIOSFODNN7EXAMPLE'],
  ])('hides the value of %s=%s', (name, value) => {
    expect(masked(name, value)).toBe(MASK)
  })

  it.each([
    ['postgres://ada:hunter2@db:5432/shop', 'postgres://***@db:5432/shop'],
    ['postgres://ada:hun/ter2@db/shop', 'postgres://***@db/shop'],
    ['postgres://ada:h@nter2@db/shop', 'postgres://***@db/shop'],
    ['https://0123abcd@o1.ingest.example/2', 'https://***@o1.ingest.example/2'],
    ['see amqp://a:b@mq and redis://:pw@cache/0', 'see amqp://***@mq and redis://***@cache/0'],
    ['amqp://a:b@one,amqp://c:d@two', 'amqp://***@one,amqp://***@two'],
    ['jdbc:postgresql://ada:pw@[::1]:5432/x', 'jdbc:postgresql://***@[::1]:5432/x'],
  ])('hides who and with what in %s', (value, shown) => {
    expect(masked('url', value)).toBe(shown)
  })

  it.each([
    ['com.docker.compose.project', 'shop'],
    ['com.docker.compose.config-hash', 'a'.repeat(64)],
    ['com.docker.compose.project.working_dir', '/home/ada/shop'],
    ['com.docker.compose.depends_on', 'db:service_started:false'],
    ['org.opencontainers.image.authors', 'Ada <ada@example.org>'],
    ['org.opencontainers.image.source', 'https://git.example/ada/shop'],
    ['org.opencontainers.image.created', '2026-11-22T10:00:00Z'],
    ['traefik.http.routers.shop.rule', 'Host(`auth.example.org`) && PathPrefix(`/tokens`)'],
    ['traefik.http.routers.shop.middlewares', 'auth@docker'],
    ['traefik.http.services.shop.loadbalancer.server.port', '8080'],
    ['homepage.href', 'http://[::1]:8080/a@b'],
    ['homepage.icon', 'https://esm.sh/react@19'],
    ['homepage.href', 'https://example.org:8443/users/@ada'],
    ['tier', 'front'],
    ['keyboard', 'qwerty'],
    ['compass', 'north'],
    ['monkey', 'see'],
    ['price', '$5 or $6'],
    ['empty', ''],
    ['password', ''],
  ])('shows %s=%s as it is', (name, value) => {
    expect(masked(name, value)).toBe(value)
  })

  it('never lets a password of a URL through, whatever it is made of', () => {
    const part = fc.string({ unit: fc.constantFrom(...'abc:/?#[]@!$&()*+;=%.'), minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(part, (noise) => {
        const password = `hunter${noise}2`
        expect(masked('url', `postgres://ada:${password}@db/shop`)).not.toContain('hunter')
      }),
    )
  })

  it('is done with values of any length at once: what is quadratic would take hours', () => {
    const patterns = ['://', 'a://', '@', 'a@', 'eyJ-', '-----BEGIN ', 'x:/', 'a:b/', '$2', ' \t', 'pwd ', '"']
    for (const pattern of patterns) {
      const long = pattern.repeat(2_000_000 / pattern.length)
      expect([long, MASK]).toContain(masked('a', long))
      expect(masked('a', `${long} https://ada:hunter2@db/`)).not.toContain('hunter2')
      expect(masked('a', `${long} --password=hunter2`)).toBe(MASK)
    }
  })
})
