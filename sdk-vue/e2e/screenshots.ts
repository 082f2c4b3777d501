/** Pictures for the documentation, from a real server: `npm run screenshots`, or with a directory as argument. */
import { join } from 'node:path'
import { chromium, expect, type Browser, type Page } from '@playwright/test'
import { WORDS } from '../packages/vue/playground/words'
import config from './playwright.config'
import buildPages from './support/build'
import { pdf, png } from './support/files'
import { ChatServer } from './support/server'
import { Site } from './support/site'
import { hostOptions } from './support/test'
import { World, type Person, type TestDialog } from './support/world'

const SIZES = { full: { width: 1280, height: 720 }, inline: { width: 480, height: 720 } } as const
const LOCALES = ['ru', 'en', 'zh'] as const
type Locale = (typeof LOCALES)[number]

interface Scene {
  me: Person
  dialog: TestDialog
}

/** A freight company and its carriers, in one language. */
async function makeScene(server: ChatServer, locale: Locale): Promise<Scene> {
  const world = new World(server, locale)
  const { people, titles, lines, longLine, rich } = WORDS[locale]!
  const ids = ['anna', 'boris', 'vera', 'luwei', 'ines']
  const [me, boris, vera, lu, ines] = people.map(([name, company], n) =>
    world.person(name, company, { id: `${ids[n]}-${locale}`, email: `${ids[n]}@carrier.example` }),
  ) as [Person, Person, Person, Person, Person]
  for (const [n, title] of titles.slice(1, 9).entries()) {
    const other = n % 2 ? lu : ines
    const dialog = await world.dialog({ title, people: [me, other, vera] })
    const said = await world.say(dialog, other, lines[n % lines.length]!)
    if (n % 3) await world.read(dialog, me, said.id)
    if (n === 2) await world.chat(me, 'POST', `/dialogs/${dialog.id}/notifications`, { enabled: false })
    if (n === 1) await world.chat(me, 'POST', `/dialogs/${dialog.id}/pin`)
  }
  const objectUrl = 'https://host.example/shipments/2071'
  const dialog = await world.dialog({ title: titles[0]!, people: [me, boris, vera, lu], objectUrl })
  const first = await world.say(dialog, boris, lines[0]!)
  await world.say(dialog, boris, lines[1]!)
  await world.say(dialog, me, lines[2]!)
  await world.say(dialog, vera, rich)
  const papers = await world.upload(dialog, vera, 'CMR_2071.pdf', 'application/pdf', pdf())
  await world.say(dialog, vera, '<p></p>', { attachments: [papers] })
  await world.say(dialog, me, longLine, { reply_to: first.id })
  const picture = await world.upload(dialog, boris, 'gate-4.png', 'image/png', png(480, 300, [96, 140, 170]))
  await world.say(dialog, boris, lines[3]!, { attachments: [picture] })
  const last = await world.say(dialog, me, lines[4]!)
  for (const person of [me, boris]) await world.read(dialog, person, last.id)
  return { me, dialog }
}

async function settled(page: Page): Promise<void> {
  await expect(page.locator('.chat-attachments__image--loaded').last()).toBeVisible()
  await expect(page.locator('.chat-header__dot--online')).toBeVisible()
  await expect(page.locator('.mtchat-skeleton')).toHaveCount(0)
  await page.evaluate(() => document.fonts.ready)
}

/** The demo's page, with a chat open on both sides. */
async function takeDemo(browser: Browser, directory: string): Promise<void> {
  const server = await ChatServer.launch(['demo'])
  try {
    for (const theme of ['light', 'dark']) {
      const page = await browser.newPage({
        viewport: { width: 1640, height: 760 },
        timezoneId: 'Europe/Oslo',
        reducedMotion: 'reduce',
      })
      await page.goto(`${server.url}/demo`)
      const rows = page.getByRole('option', { name: 'Shipment 2071' })
      await expect(rows).toHaveCount(2)
      for (const row of await rows.all()) await row.click()
      await page.getByLabel('Theme').selectOption(theme)
      await expect(page.getByRole('article')).toHaveCount(10)
      await page.screenshot({ path: join(directory, `demo-${theme}.png`) })
      await page.close()
    }
  } finally {
    await server.dispose()
  }
}

export default async function takeScreenshots(directory = 'screenshots'): Promise<void> {
  await buildPages()
  const server = await ChatServer.launch()
  const site = await Site.launch(server.url)
  let browser: Browser | undefined
  try {
    browser = await chromium.launch(config.use!.launchOptions!)
    for (const locale of LOCALES) {
      const { me, dialog } = await makeScene(server, locale)
      for (const theme of ['light', 'dark']) {
        for (const mode of ['full', 'inline'] as const) {
          const { objectId, objectType } = dialog
          const props = mode === 'full' ? { theme, dialogId: dialog.id } : { theme, mode, objectId, objectType }
          const options = hostOptions(server, me, { props, config: { locale } })
          const page = await browser.newPage({
            viewport: SIZES[mode],
            timezoneId: 'Europe/Oslo',
            reducedMotion: 'reduce',
          })
          await page.goto(`${site.url}/#${encodeURIComponent(JSON.stringify(options))}`)
          await settled(page)
          await page.screenshot({ path: join(directory, `sdk-${mode}-${theme}-${locale}.png`) })
          await page.close()
        }
      }
    }
    await takeDemo(browser, directory)
  } finally {
    await browser?.close()
    await site.dispose()
    await server.dispose()
  }
}
