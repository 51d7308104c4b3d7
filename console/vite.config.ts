import { defineConfig } from 'vite'

/**
 * Builds the console into dist/console: `index.html`, which the gateway answers at GET /graphql, and everything else
 * in `assets/`, which it serves below /graphql/assets/. Nothing is loaded from anywhere else.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: '/graphql/',
  // Two copies of graphql would refuse each other's schemas.
  resolve: { dedupe: ['graphql'] },
  worker: { format: 'es' },
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    assetsDir: 'assets',
    // Data URLs are for images and fonts only; the policy lets no script or style in that way.
    assetsInlineLimit: (file) => /\.(svg|png|woff2?|ttf)$/.test(file),
    chunkSizeWarningLimit: 8192,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // React's "use client" means nothing in a bundle that is all client.
      onLog: (level, log, handle) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && handle(level, log),
    },
  },
})
