/** Addresses in lines: whole, without the sentence around them, and never anything that acts. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findLinks, hrefOf } from '../../../web/log/links.ts'

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
    ['beginnings', 'http://'.repeat(10_000)],
    ['opening brackets', `http://x/${'('.repeat(60_000)}`],
    ['pairs of brackets', `http://x/${'()'.repeat(30_000)}`],
    ['full stops', 'http://x...... '.repeat(4000)],
  ])('are found in a moment in a line of %s', (_, text) => {
    const start = performance.now()
    findLinks(text)
    expect(performance.now() - start).toBeLessThan(200)
  })
})
