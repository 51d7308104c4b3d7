import { defineConfig, type Plugin } from 'vitest/config'

/** Relay's Babel plugin: it replaces each graphql`…` by the artifact that relay-compiler wrote. */
const relay: Plugin = {
  name: 'relay',
  transform: {
    filter: { id: /\/relay\/[^/]+\.tsx$/ },
    async handler(code, filename) {
      // Imported here, because support/prepare.ts installs it on the first run.
      const { transformAsync } = await import('@babel/core')
      const plugins = [['babel-plugin-relay', { eagerEsModules: true }]]
      const options = { filename, plugins, cwd: import.meta.dirname, configFile: false, sourceMaps: true } as const
      const transformed = await transformAsync(code, options)
      return { code: transformed?.code ?? code, map: transformed?.map }
    },
  },
}

/** Unchanged GraphQL clients over a gateway process: `npm run test:clients`. */
export default defineConfig({
  plugins: [relay],
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.{ts,tsx}'],
    globalSetup: ['./support/prepare.ts'],
    setupFiles: ['./support/dom.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
    maxWorkers: 2,
    // The files of a worker share its gateway: starting one for each took longer than the tests.
    isolate: false,
  },
})
