/**
 * Pictures of the playground in every theme, mode, language and width, to be looked at.
 * Usage: CHROMIUM_PATH=… node playground/screenshots.mjs <directory>
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { createServer } from 'vite'

const directory = process.argv[2] ?? 'screenshots'
const HEIGHT = 720
/** The chat, its lists and its pictures are there by then, in milliseconds. */
const SETTLED = 900
/** A lost connection is told after some patience, in milliseconds. */
const OFFLINE_TOLD = 4000

const server = await createServer({ configFile: fileURLToPath(new URL('vite.config.mjs', import.meta.url)) })
await server.listen()
const origin = server.resolvedUrls.local[0]
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})

async function take(name, query, width, wait = SETTLED) {
  const page = await browser.newPage({ viewport: { width, height: HEIGHT } })
  await page.goto(`${origin}?${new URLSearchParams(query)}`)
  await page.waitForSelector('.mtchat')
  await page.waitForTimeout(wait)
  await page.screenshot({ path: join(directory, `${name}.png`) })
  await page.close()
}

mkdirSync(directory, { recursive: true })
for (const theme of ['light', 'dark']) {
  for (const mode of ['full', 'inline']) {
    for (const locale of ['ru', 'en', 'zh']) {
      const width = mode === 'full' ? 1280 : 480
      await take(`${mode}-${theme}-${locale}`, { theme, mode, locale }, width)
    }
    for (const width of [320, 480, 768, 1200])
      await take(`${mode}-${theme}-${width}`, { theme, mode, locale: 'ru' }, width)
  }
}
for (const scene of ['empty', 'join', 'long', 'offline']) {
  await take(`scene-${scene}`, { scene, locale: 'en' }, 1000, scene === 'offline' ? OFFLINE_TOLD : SETTLED)
}

await browser.close()
await server.close()
