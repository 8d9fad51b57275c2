/** The licences of the packages whose code is in a bundle, as one text: most of them ask to be copied along. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** As packages name them: LICENSE, LICENCE.md, license-mit.txt, COPYING, NOTICE. */
const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)(?:[-.]|$)/i
/** Vite's file goes on with the licences of all that its own bundle holds; none of that is in ours. */
const OF_ITS_BUNDLE = /^#+ Licenses of bundled dependencies$[\s\S]*/im

/**
 * The folder of the package that a module is of; undefined where it is of no package. Modules that a bundler makes up begin
 * with a NUL and the package that they are of: `\0vite/preload-helper.js`.
 * @param {string} root the folder of node_modules
 * @param {string} module a path, absolute or relative to `root`, with or without a query
 */
export function packageOf(root, module) {
  if (module.startsWith('\0')) {
    const folder = join(root, 'node_modules', /^\0((?:@[^/]+\/)?[^/:?]+)/.exec(module)?.[1] ?? '')
    return existsSync(join(folder, 'package.json')) ? folder : undefined
  }
  const path = module.replaceAll('\\', '/')
  const [inside] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []
  return inside === undefined ? undefined : inside.startsWith('/') || /^\w:/.test(inside) ? inside : join(root, inside)
}

/**
 * Throws where a package names no licence: then somebody must decide what may be done with it.
 * @param {string} root the folder of node_modules
 * @param {Iterable<string>} modules of all bundles
 */
export function licences(root, modules) {
  const folders = new Set([...modules].flatMap((module) => packageOf(root, module) ?? []))
  const texts = [...folders].map((folder) => {
    const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    if (typeof license !== 'string') throw new Error(`${name} ${version} names no licence`)
    const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file))
    const by = `Its package has no licence text, and names ${author?.name ?? author ?? 'nobody'} as its author.`
    const text =
      files.map((file) => readFileSync(join(folder, file), 'utf8').replace(OF_ITS_BUNDLE, '').trim()).join('\n\n') || by
    return { name, text: `${name} ${version} (${license})\n\n${text}\n` }
  })
  const sorted = texts.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ text }) => text)
  return `Sluice contains code of these packages.\n\n${sorted.join(`\n${'-'.repeat(80)}\n\n`)}`
}
