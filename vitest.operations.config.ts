import './scripts/check-node.mjs'
import { defineConfig } from 'vitest/config'

/** Two replicas of the built process behind the proxies of Debian's packages, with a PostgreSQL and a Redis of their own. */
export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/replicas/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
