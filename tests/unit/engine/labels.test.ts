/** What labels say of a container's place in lists. */
import { describe, expect, it } from 'vitest'
import { listedAs } from '../../../server/engine/labels.ts'

describe('listedAs', () => {
  it.each([
    [{}, {}],
    [
      { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' },
      { project: 'shop', service: 'web' },
    ],
    [
      { 'sluice.name': 'Shop', 'sluice.group': 'Front' },
      { displayName: 'Shop', group: 'Front' },
    ],
    [
      { 'dev.dozzle.name': 'Shop', 'dev.dozzle.group': 'Front' },
      { displayName: 'Shop', group: 'Front' },
    ],
    [{ 'sluice.name': 'Ours', 'dev.dozzle.name': 'Theirs' }, { displayName: 'Ours' }],
    [{ 'sluice.group': ' ', 'dev.dozzle.group': 'Theirs' }, { group: 'Theirs' }],
    [{ 'sluice.name': '', 'sluice.group': '\n' }, {}],
    [{ 'sluice.name': ' a\n\tb\u0000 ' }, { displayName: 'a b' }],
    [{ 'sluice.name': 'a\u202eb\u2066c' }, { displayName: 'a b c' }],
    [{ 'sluice.name': '<b>a</b> & "c"' }, { displayName: '<b>a</b> & "c"' }],
    [{ 'sluice.name': '👩‍💻 desk' }, { displayName: '👩‍💻 desk' }],
    [{ 'sluice.name': '😀'.repeat(200) }, { displayName: '😀'.repeat(100) }],
    [{ 'sluice.name': '\u202e'.repeat(100_000) }, {}],
    [{ 'sluice.hide': 'true' }, { hidden: true }],
    [{ 'sluice.hide': ' True ' }, { hidden: true }],
    [{ 'sluice.hide': 'false' }, {}],
    [{ 'sluice.hide': '' }, {}],
    [{ 'sluice.hide': 'yes' }, {}],
  ] as [Record<string, string>, object][])('reads %j as %j', (labels, listed) => {
    expect(listedAs(labels)).toEqual(listed)
  })
})
