import './scripts/check-node.mjs'
import { defineConfig } from 'vitest/config'

/** Sources over the real servers of Debian's packages. They are skipped where the packages are missing; in CI they are installed. */
export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/real/**/*.test.ts'],
    globalSetup: ['test/real/support/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // The servers of two files at a time: each file has its own.
    maxWorkers: 2,
  },
})
