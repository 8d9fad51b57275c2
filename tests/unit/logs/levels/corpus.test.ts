/** The labelled lines that level rules are written with and measured by. */
import { expect, it } from 'vitest'
import { linesOf } from './corpus.ts'
import { HELD_OUT } from './held-out.ts'
import { WRITTEN_WITH } from './written-with.ts'

it('labels thousands of lines of more than a hundred programs, each in one of the two sets', () => {
  const held = linesOf(HELD_OUT)
  const known = linesOf(WRITTEN_WITH)
  expect(held.length).toBeGreaterThan(3000)
  expect(known.length).toBeGreaterThan(2500)
  expect(new Set([...HELD_OUT, ...WRITTEN_WITH].map(({ name }) => name)).size).toBeGreaterThan(100)
})

it('fills every placeholder, and makes the same lines in every run', () => {
  for (const programs of [HELD_OUT, WRITTEN_WITH]) {
    const lines = linesOf(programs)
    expect(lines).toEqual(linesOf(programs))
    expect(
      lines.filter(({ line }) => /\{(?:L|msg|iso|date|clock|[a-z]{1,2}|[a-z]+\d?)(?::-?\d+)?\}/.test(line)),
    ).toEqual([])
  }
})
