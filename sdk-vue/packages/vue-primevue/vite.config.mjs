import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))

/** What the host has already: its Vue, its PrimeVue with all of it, and the chat. */
const external = (id) => /^(vue|@mtchat\/vue|primevue|@primevue|@primeuix)(\/|$)/.test(id)

/** The names in PrimeVue's script: `primevue/tablist` is `PrimeVue.TabList`. */
const NAMES = {
  accordioncontent: 'AccordionContent',
  accordionheader: 'AccordionHeader',
  accordionpanel: 'AccordionPanel',
  contextmenu: 'ContextMenu',
  inputtext: 'InputText',
  progressspinner: 'ProgressSpinner',
  radiobutton: 'RadioButton',
  tablist: 'TabList',
}

function globalOf(id) {
  if (id === 'vue') return 'Vue'
  if (id === '@mtchat/vue') return 'MTChatVue'
  const part = id.replace('primevue/', '')
  // The only one that is imported by name.
  if (part === 'config') return 'PrimeVue'
  return `PrimeVue.${NAMES[part] ?? part[0].toUpperCase() + part.slice(1)}`
}

/** A file per module, as the package of the chat. */
const modules = {
  target: 'es2022',
  minify: false,
  cssMinify: true,
  lib: { entry: { index: at('src/index.ts') }, formats: ['es'] },
  rolldownOptions: {
    external,
    output: { preserveModules: true, preserveModulesRoot: at('src'), entryFileNames: '[name].js' },
  },
}

/** One file for `<script>` and `require`. */
const umd = {
  target: 'es2022',
  minify: true,
  cssMinify: true,
  emptyOutDir: false,
  lib: {
    entry: at('src/index.ts'),
    name: 'MTChatVuePrimeVue',
    formats: ['umd'],
    fileName: () => 'mtchat-vue-primevue.umd.cjs',
  },
  rolldownOptions: { external, output: { globals: globalOf } },
}

export default defineConfig(({ mode }) => ({
  plugins: [vue()],
  build: mode === 'umd' ? umd : modules,
}))
