/** Addresses in lines: whole, without the sentence around them, and never anything that acts. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Run, readRuns } from '../../../web/log/ansi.ts'
import { findLinks, hrefOf, type Link, linked } from '../../../web/log/links.ts'

const linksIn = (text: string) => findLinks(text).map(([start, end]) => text.slice(start, end))

describe('links', () => {
  it.each([
    ['see http://example.com/a?b=c&d#e for more', ['http://example.com/a?b=c&d#e']],
    ['https://example.com', ['https://example.com']],
    ['HTTPS://Example.com/A', ['HTTPS://Example.com/A']],
    ['http://a.example/ and http://b.example/', ['http://a.example/', 'http://b.example/']],
    ['listening on http://[::1]:3000/.', ['http://[::1]:3000/']],
    ['user http://u:p@host:8080/~me/', ['http://u:p@host:8080/~me/']],
    ['http://例え.jp/道', ['http://例え.jp/道']],
    ['https://a.example,https://b.example', ['https://a.example', 'https://b.example']],
    ['https://a.example/x,y;http://b.example/', ['https://a.example/x,y', 'http://b.example/']],
    ['https://a.example,,https://b.example', ['https://a.example', 'https://b.example']],
    ['http://a.example、http://b.example', ['http://a.example', 'http://b.example']],
    ['[https://a.example](https://b.example)', ['https://a.example', 'https://b.example']],
    ['(https://a.example)(https://b.example)', ['https://a.example', 'https://b.example']],
    ['https://web.example/save/https://a.example/', ['https://web.example/save/https://a.example/']],
    ['https://a.example/?to=https://b.example', ['https://a.example/?to=https://b.example']],
  ])('are found whole in %j', (text, links) => {
    expect(linksIn(text)).toEqual(links)
  })

  it.each([
    ['(see http://example.com/a).', 'http://example.com/a'],
    ['http://example.com/a_(b)', 'http://example.com/a_(b)'],
    ['(http://example.com/a_(b))', 'http://example.com/a_(b)'],
    ['[http://example.com](text)', 'http://example.com'],
    ['{"url":"http://example.com/a"}', 'http://example.com/a'],
    ['url=http://example.com/a, next', 'http://example.com/a'],
    ['is it http://example.com/?!', 'http://example.com/'],
    ['<http://example.com/>', 'http://example.com/'],
    ["'http://example.com/a'", 'http://example.com/a'],
    ['http://example.com/a…', 'http://example.com/a'],
    ['http://example.com/a(', 'http://example.com/a'],
    ['http://example.com/a\u202egpj.exe', 'http://example.com/a'],
    ['http://example.com/a␦gpj.exe', 'http://example.com/a'],
    ['http://example.com/a␍', 'http://example.com/a'],
  ])('leave off what is not theirs: %j', (text, link) => {
    expect(linksIn(text)).toEqual([link])
  })

  it.each([
    '',
    'http:/example.com',
    'http://',
    'https://...',
    'http://)',
    'xhttp://example.com',
    'ftp://example.com',
    'javascript://example.com/%0aalert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    '://',
  ])('are not seen in %j', (text) => {
    expect(linksIn(text)).toEqual([])
  })

  it('are in order, apart, and of http or https, whatever the text', () => {
    const parts = fc.array(
      fc.oneof(fc.constantFrom('http://', 'https://', '://', '(', ')', '.', ' ', 'a'), fc.string()),
    )
    fc.assert(
      fc.property(parts, (words) => {
        const text = words.join('')
        let last = 0
        for (const [start, end] of findLinks(text)) {
          expect(start).toBeGreaterThanOrEqual(last)
          expect(text.slice(start, end)).toMatch(/^https?:\/\/\S+$/i)
          last = end
        }
      }),
    )
  })

  it('lead to http and https, or nowhere', () => {
    expect(hrefOf('http://Example.com/a b')).toBe('http://example.com/a%20b')
    for (const text of ['http://[', 'javascript:alert(1)', 'data:,x', '//x', '']) expect(hrefOf(text)).toBeUndefined()
  })

  it.each([
    ['http://www.\u0430pple.com/', 'www.xn--pple-43d.com'],
    ['http://例え.jp/道', 'xn--r8jz45g.jp'],
    ['https://goo\u00adgle.com', 'google.com'],
    ['https://ｇoogle.com', 'google.com'],
    ['https://a。example', 'a.example'],
    ['http://%65vil.example/', 'evil.example'],
    ['http://2130706433/', '127.0.0.1'],
    ['https://bank.example@evil.example/', 'evil.example'],
    ['https://bank.example:443@evil.example:80/@', 'evil.example'],
    ['https://evil.example?@bank.example', undefined],
    ['HTTPS://Example.com:443/é', undefined],
    ['http://[::1]:3000/', undefined],
    ['http://localhost:5173/', undefined],
    ['http://localhost:/', undefined],
    ['http://xn--r8jz45g.jp', undefined],
  ])('say which host %s leads to, where that is not what one reads', (address, host) => {
    expect(linked([{ text: address }])[0]?.link?.host).toBe(host)
  })

  it('go on across colours, in which their parts keep their looks', () => {
    const link = { href: 'http://localhost:5173/', host: undefined }
    expect(linked(readRuns('at http://localhost:\x1b[1m5173\x1b[22m/ now').runs)).toEqual([
      { run: { text: 'at ' } },
      { run: { text: 'http://localhost:' }, link },
      { run: { text: '5173', bold: true }, link },
      { run: { text: '/' }, link },
      { run: { text: ' now' } },
    ])
  })

  it('are those of the whole text and lead to what is shown, whatever it is cut into', () => {
    const text = fc
      .array(fc.constantFrom('http://', 'a.example', '/', ',', ' ', '(', ')', 'é', '[', '%65', '@', '😀'), {
        maxLength: 12,
      })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, fc.array(fc.nat(40)), (text, cuts) => {
        const edges = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length]
        const runs = edges.slice(1).map((to, i) => ({ text: text.slice(edges[i], to), fg: i }))
        const pieces = linked(runs)
        const byLink = new Map<object, string>()
        for (const { run, link } of pieces) if (link) byLink.set(link, (byLink.get(link) ?? '') + run.text)
        expect([...byLink.values()]).toEqual(linksIn(text).filter((address) => hrefOf(address) !== undefined))
        for (const [link, address] of byLink) expect((link as Link).href).toBe(new URL(address).href)
        const looks = (all: Run[]) => all.flatMap((run) => [...run.text].map((char) => [char, run.fg]))
        const halves = runs.some((run) => /[\ud800-\udbff]$/.test(run.text))
        if (!halves) expect(looks(pieces.map((piece) => piece.run))).toEqual(looks(runs))
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['beginnings', 'http://'.repeat(10_000)],
    ['opening brackets', `http://x/${'('.repeat(60_000)}`],
    ['pairs of brackets', `http://x/${'()'.repeat(30_000)}`],
    ['full stops', 'http://x...... '.repeat(4000)],
    ['commas', `http://x${','.repeat(60_000)}`],
    ['addresses with brackets between', 'http://x)'.repeat(7_000)],
    ['a host that never ends', `http://${'é'.repeat(60_000)}`],
    ['ports', `http://${':1'.repeat(30_000)}`],
  ])('are found in a moment in a line of %s', (_, text) => {
    const start = performance.now()
    linked([{ text }])
    expect(performance.now() - start).toBeLessThan(500)
  })
})
