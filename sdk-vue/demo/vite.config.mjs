import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { pdfWorker } from '../packages/vue/scripts/pdfWorker.mjs'
import { aliases } from '../scripts/aliases.mjs'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))

/** One flat folder of files that the server hands out at /demo/app/; only the entry and its styles have fixed names. */
export default defineConfig({
  root: at('.'),
  base: '/demo/app/',
  logLevel: 'warn',
  plugins: [vue(), pdfWorker('.')],
  resolve: { alias: { ...aliases, '@mtchat/vue': at('../packages/vue/src/index.ts') } },
  build: {
    outDir: at('dist'),
    emptyOutDir: true,
    target: 'es2022',
    rollupOptions: {
      input: { demo: at('main.ts') },
      output: { entryFileNames: 'demo.js', chunkFileNames: '[name]-[hash].js', assetFileNames: '[name][extname]' },
    },
  },
})
