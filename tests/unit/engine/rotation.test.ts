/** What a log's settings say of how much of it is kept. */
import { describe, expect, it } from 'vitest'
import { keptBytes, type LogConfig } from '../../../server/engine/rotation.ts'

const SLACK = 32 * 1024

const TABLE: [LogConfig, number | undefined][] = [
  [{}, undefined],
  [{ Type: 'journald', Config: {} }, undefined],
  [{ Type: 'json-file' }, undefined],
  [{ Type: 'json-file', Config: null }, undefined],
  [{ Type: 'json-file', Config: { 'max-file': '3' } }, undefined],
  [{ Type: 'json-file', Config: { 'max-size': '-1' } }, undefined],
  [{ Type: 'json-file', Config: { 'max-size': '10m' } }, 0],
  [{ Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } }, 2 * (10e6 - SLACK)],
  [{ Type: 'json-file', Config: { 'max-size': '1.5MB', 'max-file': '2' } }, 1.5e6 - SLACK],
  [{ Type: 'json-file', Config: { 'max-size': '200000', 'max-file': '2' } }, 200_000 - SLACK],
  [{ Type: 'json-file', Config: { 'max-size': '1k', 'max-file': '9' } }, 0],
  [{ Type: 'json-file', Config: { 'max-size': 'a lot', 'max-file': '9' } }, undefined],
  [{ Type: 'local' }, 4 * (20e6 - SLACK)],
  [{ Type: 'local', Config: { 'max-size': '1g', 'max-file': '2' } }, 1e9 - SLACK],
]

describe('keptBytes', () => {
  it.each(TABLE)('of %j is %s', (config, kept) => {
    expect(keptBytes(config)).toBe(kept)
  })
})
