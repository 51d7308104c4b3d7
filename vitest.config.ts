import './scripts/check-node.mjs'
import { defineConfig } from 'vitest/config'

// Two copies of graphql (its CommonJS and its ES module build) would refuse each other's schemas.
const resolve = { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] }
const shared = { testTimeout: 20_000, hookTimeout: 30_000 }

/**
 * `npm test` runs the project `unit`: everything that is quick and needs nothing but Node. `npm run test:slow` runs `slow`: several
 * replicas, ten thousand events, large files, thousands of random operations. `npm run test:all` runs these, the faults, the clients, the router and the
 * browser.
 */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        resolve,
        test: {
          ...shared,
          name: 'unit',
          // One process for many files: starting one for each took longer than the tests.
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/**/*.slow.test.ts',
            'test/faults/**',
            'test/clients/**',
            'test/deployment/**',
            'test/federation/**',
            'test/vendors/**',
            'test/pages/**',
            'test/browser/**',
            'test/real/**',
            'test/replicas/**',
          ],
        },
      },
      {
        resolve,
        test: { ...shared, name: 'slow', include: ['test/**/*.slow.test.ts'], exclude: ['test/faults/**', 'test/clients/**'] },
      },
    ],
  },
})
