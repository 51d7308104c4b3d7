import { defineConfig } from 'vitest/config'

/** Unchanged API clients of the vendors' own users over the simulators: `npm run test:vendors`. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    globalSetup: ['./support/prepare.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    isolate: false,
  },
})
