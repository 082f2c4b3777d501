import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { aliases } from '../../../scripts/aliases.mjs'
import { pdfWorker } from '../scripts/pdfWorker.mjs'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [vue(), pdfWorker('assets')],
  resolve: { alias: aliases },
  build: { outDir: 'dist', emptyOutDir: true },
})
