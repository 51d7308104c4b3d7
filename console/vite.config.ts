import { defineConfig } from 'vite'

/**
 * Builds the console into dist/console. The gateway serves `index.html` at GET /graphql, and `assets/` below
 * /graphql/assets/. The page loads nothing from other hosts.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: '/graphql/',
  // A copy of graphql rejects the schemas of another copy.
  resolve: { dedupe: ['graphql'] },
  worker: { format: 'es' },
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    assetsDir: 'assets',
    // Only images become data URLs: the content security policy refuses scripts and styles as data URLs, and fonts in the style sheet
    // would delay the first paint.
    assetsInlineLimit: (file) => /\.(svg|png)$/.test(file),
    chunkSizeWarningLimit: 8192,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // The warning about React's "use client" is meaningless in a bundle for the browser alone.
      onLog: (level, log, handle) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && handle(level, log),
    },
  },
})
