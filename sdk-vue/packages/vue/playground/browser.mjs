import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { build, preview } from 'vite'

const OURS = fileURLToPath(new URL('vite.config.mjs', import.meta.url))

/** A playground (this one), built and served, and a browser to look at it: CHROMIUM_PATH, or else /usr/bin/chromium. */
export async function openPlayground(configFile = OURS) {
  const outDir = mkdtempSync(join(tmpdir(), 'mtchat-playground-'))
  const options = {
    configFile,
    logLevel: 'error',
    build: { outDir, emptyOutDir: true, minify: false },
    preview: { port: 0, host: '127.0.0.1' },
  }
  await build(options)
  const server = await preview(options)
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
      rmSync(outDir, { recursive: true })
    },
  }
}
