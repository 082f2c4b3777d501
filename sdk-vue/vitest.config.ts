import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { aliases, aliasesWithChat } from './scripts/aliases.mjs'

const vueSetup = fileURLToPath(new URL('packages/vue/test/setup.ts', import.meta.url))
const primeSetup = fileURLToPath(new URL('packages/vue-primevue/test/setup.ts', import.meta.url))

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias: aliases },
        test: { name: 'client', environment: 'node', include: ['packages/client/**/*.test.ts'] },
      },
      {
        plugins: [vue()],
        resolve: { alias: aliases },
        test: {
          name: 'vue',
          environment: 'jsdom',
          // Ten thousand messages on a busy machine.
          testTimeout: 30_000,
          include: ['packages/vue/**/*.test.ts'],
          exclude: ['packages/vue/test/built/**', '**/node_modules/**'],
          setupFiles: existsSync(vueSetup) ? [vueSetup] : [],
        },
      },
      {
        plugins: [vue()],
        resolve: { alias: aliasesWithChat },
        test: {
          name: 'vue-primevue',
          environment: 'jsdom',
          testTimeout: 30_000,
          include: ['packages/vue-primevue/**/*.test.ts'],
          exclude: ['packages/vue-primevue/test/built/**', '**/node_modules/**'],
          setupFiles: [vueSetup, primeSetup],
        },
      },
    ],
  },
})
