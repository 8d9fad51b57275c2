/** How many levels are named rightly, of programs that the rules were not written with, and what it takes to look for them. */
import { detectLevel } from '../../../server/logs/levels/detect.ts'
import { judge, linesOf } from '../../unit/logs/levels/corpus.ts'
import { HELD_OUT } from '../../unit/logs/levels/held-out.ts'
import type { Part } from '../part.ts'
import { median } from '../statistics.ts'

const ROUNDS = 40

export const levels: Part = {
  names: ['levels.named', 'levels.wrong', 'levels.cpu'],
  deadlineMs: 60_000,
  async run() {
    const { named, wrong } = judge(HELD_OUT)
    const lines = linesOf(HELD_OUT).map(({ line }) => line)
    const times = Array.from({ length: ROUNDS }, () => {
      const began = performance.now()
      for (const line of lines) detectLevel(line)
      return ((performance.now() - began) * 1000) / lines.length
    })
    return [
      { name: 'levels.named', value: named * 100 },
      { name: 'levels.wrong', value: wrong * 100 },
      { name: 'levels.cpu', value: median(times) },
    ]
  },
}
