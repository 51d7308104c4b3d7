import './scripts/check-node.mjs'
import { defineConfig } from 'vitest/config'

/** The tests that a mutant is run against: below whole-app level, without the slow ones. See test/mutation/README.md. */
export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    testTimeout: 20_000,
    hookTimeout: 30_000,
    include: ['test/{auth,cache,changes,contracts,db,delivery,domain,graphql,http,ingestion,jobs,sources,tickets}/**/*.test.ts'],
    exclude: ['**/*.slow.test.ts'],
  },
})
