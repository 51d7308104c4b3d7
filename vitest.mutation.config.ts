import './scripts/check-node.mjs'
import { defineConfig } from 'vitest/config'

/** The tests that a mutant is run against: those of its part (test/mutation/scope.ts), slow ones too. See test/mutation/README.md. */
export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    testTimeout: 20_000,
    hookTimeout: 30_000,
    include: (process.env.MUTATION_TESTS ?? 'test/*/**/*.test.ts').split(','),
  },
})
