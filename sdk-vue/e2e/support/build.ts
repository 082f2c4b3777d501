import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** Before all tests: the page as a host would ship it. */
export default async function buildHost() {
  await build({ configFile: fileURLToPath(new URL('../host/vite.config.mjs', import.meta.url)) })
}
