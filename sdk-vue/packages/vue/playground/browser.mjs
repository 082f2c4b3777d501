import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { createServer } from 'vite'

/** The playground, served, and a browser to look at it. CHROMIUM_PATH names the browser; default /usr/bin/chromium. */
export async function openPlayground() {
  const server = await createServer({
    configFile: fileURLToPath(new URL('vite.config.mjs', import.meta.url)),
    logLevel: 'error',
    server: { port: 0, hmr: false, watch: null },
  })
  await server.listen()
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  return {
    browser,
    origin: server.resolvedUrls.local[0],
    async close() {
      await browser.close()
      await server.close()
    },
  }
}
