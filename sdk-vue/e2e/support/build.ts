import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const PAGES = ['../host/vite.config.mjs', '../../demo/vite.config.mjs']

/** Before all tests: the pages as hosts ship them. E2E_BUILT=1 takes those of the last run. */
export default async function buildPages() {
  if (process.env.E2E_BUILT) return
  for (const config of PAGES) await build({ configFile: fileURLToPath(new URL(config, import.meta.url)) })
}
