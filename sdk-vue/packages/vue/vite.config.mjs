import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { aliases } from '../../scripts/aliases.mjs'
import { shortenNames } from '../../scripts/shortNames.mjs'
import { pdfBesideScript, pdfWorker } from './scripts/pdfWorker.mjs'
import { unusedDefaults } from './scripts/unusedDefaults.mjs'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))

/** Where a module goes in the package, by its path in the workspace: libraries are bundled, but as `vendor`. */
const place = (name) =>
  name
    .replace(/^.*node_modules\//, 'vendor/')
    .replace(/^vue\/src\//, '')
    .replace(/^client\/src\//, 'mtchat-client/')
    .replace(/[?&].*$/, '')

/** A file per module: a host's bundler keeps what is used and splits it as the host needs. */
const modules = {
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
  rolldownOptions: {
    external: ['vue'],
    output: {
      preserveModules: true,
      preserveModulesRoot: at('..'),
      entryFileNames: ({ name }) => `${place(name)}.js`,
    },
  },
}

/** One file with everything but the PDF library, for `<script>` and `require`. Vue is the global `Vue`. */
const umd = {
  target: 'es2022',
  minify: true,
  emptyOutDir: false,
  lib: { entry: at('src/index.ts'), name: 'MTChatVue', formats: ['umd'], fileName: () => 'mtchat-vue.umd.cjs' },
  rolldownOptions: { external: ['vue'], output: { globals: { vue: 'Vue' }, codeSplitting: false } },
}

export default defineConfig(({ mode }) => {
  const isUmd = mode === 'umd'
  const pdf = isUmd ? pdfBesideScript() : pdfWorker('components/FileViewer')
  return {
    plugins: [shortenNames(), unusedDefaults(), pdf, vue()],
    resolve: { alias: aliases },
    // A library leaves this to its host's bundler; a script has none.
    define: isUmd ? { 'process.env.NODE_ENV': '"production"' } : {},
    build: isUmd ? umd : modules,
  }
})
