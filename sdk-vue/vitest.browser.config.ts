import { defineConfig } from 'vitest/config'

/** Tests that need a real browser: what is painted, laid out and focused. Chromium at CHROMIUM_PATH or /usr/bin/chromium. */
export default defineConfig({
  test: {
    include: ['packages/*/test/browser/*.browser.ts'],
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
})
