import '../../scripts/check-node.mjs'
import { defineConfig } from 'vitest/config'

/** The pages of clients/examples, as their build makes them, in Chromium: `npm run test:pages`. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    globalSetup: ['./support/prepare.ts'],
    testTimeout: 60_000,
    hookTimeout: 180_000,
    fileParallelism: false,
  },
})
