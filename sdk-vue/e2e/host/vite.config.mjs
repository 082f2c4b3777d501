import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { pdfWorker } from '../../packages/vue/scripts/pdfWorker.mjs'
import { aliases } from '../../scripts/aliases.mjs'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: at('.'),
  logLevel: 'warn',
  plugins: [vue(), pdfWorker('assets')],
  resolve: { alias: { ...aliases, '@mtchat/vue': at('../../packages/vue/src/index.ts') } },
  build: { outDir: at('dist'), emptyOutDir: true, target: 'es2022' },
})
