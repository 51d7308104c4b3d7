import { join } from 'node:path'
import babel from '@rolldown/plugin-babel'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** One configuration for the three pages: `vite apollo`, `vite build relay`. The root is the folder of the page. */
export default defineConfig({
  base: './',
  publicDir: join(import.meta.dirname, 'shared/public'),
  plugins: [
    react(),
    // Replaces each graphql`…` of Relay by the artifact that relay-compiler wrote.
    babel({ include: /\/relay\/[^/]+\.tsx$/, plugins: [['relay', { eagerEsModules: true }]] }),
  ],
  build: { emptyOutDir: true, chunkSizeWarningLimit: 1_000 },
})
