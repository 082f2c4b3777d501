/** Pictures of a playground, to be looked at. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openPlayground } from './browser.mjs'

const HEIGHT = 720

/**
 * Takes those whose name has the wanted part, as the command line says: <directory> [part of a picture's name].
 * `pictures`: name, state, what the playground is asked for, width of the window. `configFile`: of vite, which builds it.
 */
export async function takePictures(pictures, enter, configFile) {
  const [directory = 'screenshots', wanted = ''] = process.argv.slice(2)
  const { browser, origin, close } = await openPlayground(configFile)
  mkdirSync(directory, { recursive: true })
  for (const [name, state, query, width] of pictures) {
    if (!name.includes(wanted)) continue
    const page = await browser.newPage({ viewport: { width, height: HEIGHT } })
    page.setDefaultTimeout(8000)
    page.on('pageerror', (error) => console.warn(`${name}: ${error.message}`))
    page.on('console', (message) => message.type() === 'warning' && console.warn(`${name}: ${message.text()}`))
    try {
      await enter(page, origin, state, query)
    } catch (error) {
      console.warn(`${name}: ${error.message.split('\n')[0]}`)
      process.exitCode = 1
    }
    await page.screenshot({ path: join(directory, `${name}.png`) })
    await page.close()
  }
  await close()
}
