import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { aliases } from '../../scripts/aliases.mjs'
import { shortenNames } from '../../scripts/shortNames.mjs'
import { pdfWorker } from './scripts/pdfWorker.mjs'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))

/** Where a module goes in the package, by its path in the workspace: libraries are bundled, but as `vendor`. */
const place = (name) =>
  name
    .replace(/^.*node_modules\//, 'vendor/')
    .replace(/^vue\/src\//, '')
    .replace(/^client\/src\//, 'mtchat-client/')
    .replace(/[?&].*$/, '')

export default defineConfig({
  plugins: [shortenNames(), vue(), pdfWorker('components/FileViewer')],
  resolve: { alias: aliases },
  build: {
    target: 'es2022',
    minify: false,
    cssMinify: true,
    lib: {
      entry: {
        index: at('src/index.ts'),
        headless: at('src/headless.ts'),
        client: at('src/client.ts'),
        'locales/ru': at('src/i18n/locales/ru.ts'),
        'locales/en': at('src/i18n/locales/en.ts'),
        'locales/zh': at('src/i18n/locales/zh.ts'),
      },
      formats: ['es'],
    },
    rollupOptions: {
      external: ['vue'],
      output: {
        // A file per module: a host's bundler keeps what is used and splits it as the host needs.
        preserveModules: true,
        preserveModulesRoot: at('..'),
        entryFileNames: ({ name }) => `${place(name)}.js`,
      },
    },
  },
})
