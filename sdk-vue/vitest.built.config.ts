import { defineConfig } from 'vitest/config'

/** Tests of what the build made; apart, because they need it. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['packages/*/test/built/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
