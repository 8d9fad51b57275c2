/** The log view's core stays free of its shell: no file of it imports Solid, and only those named so touch the DOM. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const folder = new URL('../../../web/log/', import.meta.url)
const core = readdirSync(folder).filter((name) => name.endsWith('.ts'))

describe('web/log', () => {
  it.each(core)('%s imports nothing of Solid', (name) => {
    const text = readFileSync(new URL(name, folder), 'utf8')
    expect(text).not.toMatch(/from 'solid-js/)
    expect(text).not.toMatch(/^import (?!type ).*\.tsx'/m)
  })

  it.each(core.filter((name) => !name.endsWith('-dom.ts')))('%s touches no DOM', (name) => {
    const text = readFileSync(new URL(name, folder), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    expect(text).not.toMatch(
      /\b(?:document|window|navigator)\b[.[]|\bHTML\w*Element\(|\bnew (?:Range|ResizeObserver)\b/,
    )
  })
})
