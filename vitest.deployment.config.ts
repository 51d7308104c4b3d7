import './scripts/check-node.mjs'
import { defineConfig } from 'vitest/config'

/** The files of docs/deploy: the image is built and run without a container engine, and the manifests are rendered and checked. */
export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/deployment/**/*.test.ts'],
    globalSetup: ['test/deployment/support/install.ts'],
    testTimeout: 60_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
})
