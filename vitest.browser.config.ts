import './scripts/check-node.mjs'
import { defineConfig } from 'vitest/config'

/** The console in a real browser over the built gateway: `npm run build` first. */
export default defineConfig({
  test: { include: ['test/browser/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 400_000, fileParallelism: false },
})
