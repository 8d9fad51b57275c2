/**
 * The rooms of the design and what may enter them: every import of server/ and web/ is read and held against the arrows.
 * What a file may import is a table; a file or room that is not in it may import nothing from another.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

interface Import {
  readonly from: string
  readonly specifier: string
  /** All of it is types, and gone when it runs. */
  readonly typeOnly: boolean
}

/** What the files of a room may import of the others, beside their own; types among them where so marked. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'server/main.ts': ['server/config.ts', 'server/demo', 'server/engine', 'server/feed', 'server/sse', 'server/http'],
  'server/config.ts': ['server/nearest.ts', 'server/engine'],
  'server/nearest.ts': [],
  'server/slices.ts': [],
  'server/wire.ts': [],
  'server/globals.d.ts': [],
  'server/logs': ['server/wire.ts'],
  'server/demo': ['server/logs', 'server/wire.ts'],
  'server/engine': ['server/logs', 'server/wire.ts', 'server/nearest.ts'],
  'server/feed': ['server/engine', 'server/logs', 'server/wire.ts', 'server/nearest.ts', 'server/slices.ts'],
  'server/sse': [
    'server/feed',
    'server/engine',
    'server/logs',
    'server/wire.ts',
    'server/nearest.ts',
    'server/slices.ts',
  ],
  'server/http': [
    'server/sse',
    'server/feed',
    'server/engine',
    'server/logs',
    'server/wire.ts',
    'server/nearest.ts',
    'server/slices.ts',
  ],
}

/** Pure, and said once for both: where a text is found, and what an entry is, is the same on the page as at the server. */
const SHARED: readonly string[] = [
  'server/logs/entries.ts',
  'server/logs/json-text.ts',
  'server/logs/plain-text.ts',
  'server/logs/ranges.ts',
]

/** Imports of a source text, `import()` and `export ... from` among them. Comments are left out. */
function importsOf(from: string, source: string): Import[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
  const statements = code.matchAll(
    /^\s*(?:import|export)\s+(type\s+)?((?:[\w*\s,$]|\{[^}]*\})*?)\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
  )
  return [...statements].map(([, type, names = '', named, bare, dynamic]) => {
    const listed = /^\{([^}]*)\}$/
      .exec(names.trim())?.[1]
      ?.split(',')
      .filter((name) => name.trim() !== '')
    const typeOnly = type !== undefined || (listed?.every((name) => name.trim().startsWith('type ')) ?? false)
    return { from, specifier: named ?? bare ?? dynamic ?? '', typeOnly }
  })
}

/** The path of a relative import inside the repository. */
function targetOf({ from, specifier }: Import): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier.replace(/\?.*$/, '')) : undefined
}

function roomOf(path: string): string {
  return path.split('/').slice(0, 2).join('/')
}

/** The rules that `source` at `path` breaks, each as a sentence. */
function violations(path: string, source: string): string[] {
  return [
    ...importsOf(path, source).flatMap((each) => (path.startsWith('web/') ? ofPage(each) : ofServer(each))),
    ...ofText(path, source),
  ]
}

function ofServer(each: Import): string[] {
  const { from, specifier, typeOnly } = each
  const target = targetOf(each)
  const broken: string[] = []
  const says = (rule: string) => broken.push(`${from} imports ${specifier}: ${rule}`)
  if (target === undefined) {
    const builtin = specifier.startsWith('node:') && builtinModules.includes(specifier.slice('node:'.length))
    if (/^(?:dockerode|docker-modem)(?:\/|$)/.test(specifier)) {
      const room = roomOf(from) === 'server/engine'
      if (from !== 'server/engine/connection.ts' && !(room && typeOnly)) says('only engine/connection.ts speaks to it')
    }
    if (roomOf(from) === 'server/demo' && !builtin) says('the demo stands on Node alone')
    if (roomOf(from) === 'server/logs' && specifier !== 're2js') says('logs is pure')
    if (specifier === 'express' && roomOf(from) !== 'server/http') says('express is http’s')
    if (specifier === 'better-sse' && roomOf(from) !== 'server/sse') says('better-sse is sse’s')
    return broken
  }
  const [room, other] = [roomOf(from), roomOf(target)]
  const may = ROOMS[from] ?? ROOMS[room]
  if (room === other && from.split('/').length > 2) return broken
  if (may === undefined) says(`${room} is not a room of the design`)
  else if (!may.includes(other) && !may.includes(target)) says(`no arrow leads from ${room} to ${other}`)
  return broken
}

function ofPage(each: Import): string[] {
  const { from, specifier, typeOnly } = each
  const target = targetOf(each)
  const broken: string[] = []
  if (target?.startsWith('server/') && !(typeOnly && target === 'server/wire.ts') && !SHARED.includes(target)) {
    broken.push(
      `${from} imports ${specifier}: of the server, the page takes the types of wire.ts, and what a search means`,
    )
  }
  if (target !== undefined && !/^(?:server|web)\//.test(target)) broken.push(`${from} imports ${specifier}: out of web`)
  if (from.startsWith('web/log/') && !from.endsWith('.tsx')) {
    const solid = /^solid-js(?:\/|$)/.test(specifier) || target?.endsWith('.tsx')
    if (solid && !typeOnly) broken.push(`${from} imports ${specifier}: the log's core is free of the framework`)
  }
  return broken
}

function ofText(path: string, source: string): string[] {
  const broken: string[] = []
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(?<!:)\/\/.*$/gm, '')
  if (path.startsWith('server/') && path !== 'server/main.ts' && /\bprocess\s*\.\s*(?:env|argv)\b/.test(code)) {
    broken.push(`${path}: only main.ts reads the environment and the arguments`)
  }
  if (path.startsWith('web/') && /\b(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write)\b/.test(code)) {
    broken.push(`${path}: text of a log is never markup`)
  }
  return broken
}

function sources(folder: string): string[] {
  return readdirSync(`${ROOT}${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:ts|tsx|js|html)$/.test(entry.name))
    .map((entry) => posix.join(entry.parentPath.slice(ROOT.length), entry.name))
    .filter((path) => !path.includes('node_modules'))
}

describe('the rooms', () => {
  const all = [...sources('server'), ...sources('web')]

  it('are entered only along the arrows of the design', () => {
    expect(all.length).toBeGreaterThan(60)
    expect(all.flatMap((path) => violations(path, readFileSync(`${ROOT}${path}`, 'utf8')))).toEqual([])
  })

  it('are read whole: every file that is named as imported exists', () => {
    const named = all.flatMap((path) => importsOf(path, readFileSync(`${ROOT}${path}`, 'utf8')))
    expect(named.length).toBeGreaterThan(200)
    const inside = named.map(targetOf).filter((target) => target !== undefined && /\.tsx?$/.test(target))
    expect(inside.filter((target) => !all.includes(target!))).toEqual([])
  })
})

describe('the check of the rooms', () => {
  it.each([
    ['server/engine/x.ts', "import { Feed } from '../feed/feed.ts'"],
    ['server/feed/x.ts', "import type { Streams } from '../sse/streams.ts'"],
    ['server/sse/x.ts', "export { createApp } from '../http/app.ts'"],
    ['server/sse/x.ts', "const { createApp } = await import('../http/app.ts')"],
    ['server/logs/x.ts', "import { readFile } from 'node:fs/promises'"],
    ['server/logs/x.ts', "import type { Engine } from '../engine/engine.ts'"],
    ['server/engine/x.ts', "import Docker from 'dockerode'"],
    ['server/engine/x.ts', "import Docker, { type Container } from 'dockerode'"],
    ['server/feed/x.ts', "import type { ContainerInfo } from 'dockerode'"],
    ['server/http/x.ts', "import modem from 'docker-modem/lib/http.js'"],
    ['server/demo/x.ts', "import { pino } from 'pino'"],
    ['server/demo/x.ts', "import fs from 'fs'"],
    ['server/demo/x.ts', "import { nearest } from '../nearest.ts'"],
    ['server/demo/voices/x.ts', "import {\n  type Engine,\n} from '../../engine/engine.ts'"],
    ['server/config.ts', "import { createApp } from './http/app.ts'"],
    ['server/engine/x.ts', "import { HELP } from '../main.ts'"],
    ['server/attic/x.ts', "import type { Line } from '../wire.ts'"],
    ['server/feed/x.ts', 'const home = process.env.HOME'],
    ['server/config.ts', "const port = process.env['PORT']"],
    ['server/sse/x.ts', "import express from 'express'"],
    ['web/api/x.ts', "import { linesToJson } from '../../server/logs/line.ts'"],
    ['web/api/x.ts', "import { Line } from '../../server/wire.ts'"],
    ['web/api/x.ts', "import type { LogLine } from '../../server/logs/line.ts'"],
    ['web/log/x.ts', "import { createSignal } from 'solid-js'"],
    ['web/log/x.ts', "import { LogView } from './log-view.tsx'"],
    ['web/log/x.ts', 'row.innerHTML = message'],
    ['web/frame/x.tsx', '<p innerHTML={text()} />'],
    ['web/api/x.ts', "import { at } from '../../tests/unit/logs/frames.ts'"],
  ])('catches in %s: %s', (path, source) => {
    expect(violations(path, source)).toHaveLength(1)
  })

  it.each([
    [
      'server/http/x.ts',
      "import { Streams } from '../sse/streams.ts'\nimport express, { type Express } from 'express'",
    ],
    ['server/sse/x.ts', "import { Feed } from '../feed/feed.ts'\nimport { nearest } from '../nearest.ts'"],
    ['server/engine/connection.ts', "import Docker from 'dockerode'"],
    ['server/engine/x.ts', "import type { ContainerInfo } from 'dockerode'"],
    ['server/demo/voices/x.ts', "import { at } from '../time.ts'\nimport { timeNow } from '../../logs/time.ts'"],
    ['server/main.ts', "import { createApp } from './http/app.ts'\nprocess.argv.slice(2)"],
    ['server/feed/x.ts', '// process.env is not read here\n/* innerHTML */'],
    ['web/log/x.tsx', "import { createSignal } from 'solid-js'\nimport { LineStore } from './line-store.ts'"],
    [
      'web/log/x.ts',
      "import type { Line } from '../../server/wire.ts'\nimport { type Level } from '../../server/wire.ts'",
    ],
  ])('lets pass in %s: %s', (path, source) => {
    expect(violations(path, source)).toEqual([])
  })
})
