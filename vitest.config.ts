/**
 * The tests: `npx vitest run --project unit` needs nothing and takes seconds, the others get a real Docker engine.
 * A path does as well: `npx vitest run tests/unit` starts no engine either.
 */
import { defineConfig } from 'vitest/config'

/** An engine starts in a second or in ten, and a file may wait for a container, a browser and the machine's other work. */
const SLOW = { testTimeout: 60_000, hookTimeout: 120_000, teardownTimeout: 60_000 }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.ts'],
          setupFiles: 'tests/properties.ts',
          testTimeout: 60_000, // of a busy machine's
        },
      },
      {
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          globalSetup: 'tests/engine/global-setup.ts',
          sequence: { groupOrder: 1 },
          ...SLOW,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          globalSetup: 'tests/engine/global-setup.ts',
          sequence: { groupOrder: 2 },
          ...SLOW,
        },
      },
    ],
  },
})
