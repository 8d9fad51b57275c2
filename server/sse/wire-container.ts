/** A container as clients get it: without its labels, which hold secrets, but for those asked for by name. */
import type { Container } from '../wire.ts'
import { masked } from './secrets.ts'

export function wireContainer({ labels: all = {}, ...shown }: Container, names: readonly string[]): Container {
  if (names.length === 0) return shown
  const asked = names.filter((name) => Object.hasOwn(all, name))
  return { ...shown, labels: Object.fromEntries(asked.map((name) => [name, masked(name, all[name] ?? '')])) }
}
