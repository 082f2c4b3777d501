/**
 * Package names -> sources, so that tests, type checks and bundles need no build of the client first.
 * Spread into `resolve.alias` of every vite or vitest config here. Longest names first: an alias also matches its prefix.
 */
import { fileURLToPath } from 'node:url'

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))

export const aliases = {
  '@mtchat/client/state': at('packages/client/src/state/index.ts'),
  '@mtchat/client/test': at('packages/client/test/fakeServer.ts'),
  '@mtchat/client': at('packages/client/src/index.ts'),
}

/** For the package that is made of the chat. */
export const aliasesWithChat = { ...aliases, '@mtchat/vue': at('packages/vue/src/index.ts') }
