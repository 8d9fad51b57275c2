/** A container and its page, open on its log and up to date: what is written from now on is seen to come. */
import type { Container } from '../engine/container.ts'
import type { Bed } from './bed.ts'
import type { WatchedPage } from './browser.ts'
import type { Sluice } from './sluice.ts'

export async function openLog(
  bed: Bed,
  sluice: Sluice,
  deadlineMs: number,
): Promise<{ container: Container; page: WatchedPage }> {
  const container = await bed.container()
  await sluice.knows(container.name)
  const page = await bed.page()
  await page.page.goto(`${sluice.origin}/containers/${container.name}`)
  await container.write('stdout', 'mark-first;\n')
  await page.paintOf('first', deadlineMs)
  return { container, page }
}
