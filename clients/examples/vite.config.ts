import { basename, join } from 'node:path'
import babel from '@rolldown/plugin-babel'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** The three pages run beside each other: each has its own build and its own cache. */
const onePage: Plugin = {
  name: 'one-page',
  config({ root = '' }) {
    const page = basename(root)
    return {
      cacheDir: join(import.meta.dirname, 'node_modules/.vite', page),
      build: { outDir: join(import.meta.dirname, 'dist', page), emptyOutDir: true, chunkSizeWarningLimit: 1_000 },
    }
  },
}

/** One configuration for the three pages: `vite apollo`, `vite build relay`. The root is the folder of the page. */
export default defineConfig({
  base: './',
  publicDir: join(import.meta.dirname, 'shared/public'),
  plugins: [
    onePage,
    react(),
    // Replaces each graphql`…` of Relay by the artifact that relay-compiler wrote.
    babel({ include: /\/relay\/[^/]+\.tsx$/, plugins: [['relay', { eagerEsModules: true }]] }),
  ],
})
