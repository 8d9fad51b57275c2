/** The elements of an array, as bytes come: what JSON.parse would give, wherever the network cuts them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Element, JsonElements } from '../../../server/engine/json-elements.ts'
import { cutAt, cutPoints, everyCut } from '../logs/frames.ts'

function read(chunks: readonly Buffer[], maxBytes = 1e6): { elements: Element[] | undefined; isWhole: boolean } {
  const reader = new JsonElements(maxBytes)
  const elements: Element[] = []
  for (const chunk of chunks) {
    const some = reader.push(chunk)
    if (!some) return { elements: undefined, isWhole: false }
    elements.push(...some)
  }
  return { elements, isWhole: reader.isWhole }
}

describe('JsonElements', () => {
  it('gives what JSON.parse gives, for any array, however it is written and cut', async () => {
    const indent = fc.constantFrom(undefined, 1, '\t')
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), indent, fc.nat(), async (values, space, seed) => {
        const bytes = Buffer.from(JSON.stringify(values, undefined, space))
        const points = fc.sample(cutPoints(bytes), { numRuns: 1, seed })[0] ?? []
        const { elements, isWhole } = read(cutAt(bytes, points))
        expect(isWhole).toBe(true)
        expect(elements?.map((text) => JSON.parse(text ?? '') as unknown)).toEqual(JSON.parse(bytes.toString()))
      }),
    )
  })

  it('is not led astray by what stands in texts', () => {
    const values = [{ a: '],{"[' }, '\\', '\\"]', '"', [[']']], { 'k"]': '\u2028' }, 'é🐳']
    for (const chunks of everyCut(Buffer.from(` \n${JSON.stringify(values)}\n`))) {
      const { elements } = read(chunks.filter(({ length }) => length > 0))
      expect(elements?.map((text) => JSON.parse(text ?? '') as unknown)).toEqual(values)
    }
  })

  it.each([
    ['[]', []],
    [' [ \n ] ', []],
    ['null', []],
    ['null\n', []],
    ['[null]', ['null']],
    ['[1,]', ['1', '']],
    ['[,]', ['', '']],
    ['[{"a":1} x,2]', ['{"a":1} x', '2']],
    ['[1] [2]', ['1']],
  ])('reads %j as %j', (text, elements) => {
    for (const chunks of everyCut(Buffer.from(text))) {
      expect(read(chunks.filter(({ length }) => length > 0))).toEqual({ elements, isWhole: true })
    }
  })

  it.each(['{}', '"a"', '7', 'nul1', 'nullx', '<html>'])('says of %j that it is no array', (text) => {
    expect(read([Buffer.from(text)]).elements).toBeUndefined()
  })

  it.each(['', ' ', '[', '[1', '["', '["\\', '[{"a":1}', '[1,', 'nul'])('says of %j that it is not whole', (text) => {
    expect(read([Buffer.from(text)]).isWhole).toBe(false)
  })

  it('passes over an element that is too long, and holds no more than the bound of it', () => {
    const long = `"${'x'.repeat(100)}"`
    const chunks = [...Buffer.from(`[1,${long},2]`)].map((byte) => Buffer.of(byte))
    expect(read(chunks, 50)).toEqual({ elements: ['1', undefined, '2'], isWhole: true })
  })
})
