import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { pdfWorker } from '../../vue/scripts/pdfWorker.mjs'
import { aliasesWithChat } from '../../../scripts/aliases.mjs'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [vue(), pdfWorker('assets')],
  resolve: { alias: aliasesWithChat },
  build: { outDir: 'dist', emptyOutDir: true },
})
