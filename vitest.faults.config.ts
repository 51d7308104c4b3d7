import './scripts/check-node.mjs'
import { defineConfig } from 'vitest/config'
import { FaultTable } from './test/faults/fault-table.ts'

/** Every promise of reliability, driven over whole gateways: one file at a time, since some of them load the machine. */
export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/faults/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 180_000,
    fileParallelism: false,
    reporters: ['default', new FaultTable()],
  },
})
