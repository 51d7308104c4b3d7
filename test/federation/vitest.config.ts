import { defineConfig } from 'vitest/config'

/** The gateway as a subgraph behind a real router: `npm run test:federation`. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    globalSetup: ['./support/prepare.ts'],
    // Two copies of graphql (its CommonJS and its ES module build) would refuse each other's schemas.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
