/** The order of what is measured, and the tables. */
import { chromium, type Browser } from '@playwright/test'
import config from '../e2e/playwright.config'
import buildPages from '../e2e/support/build'
import { ChatServer } from '../e2e/support/server'
import { Site } from '../e2e/support/site'
import { World } from '../e2e/support/world'
import { measureLong } from './long'
import { measureOpening } from './opening'
import { measureRequests } from './requests'
import { Stage } from './stage'

function print(title: string, rows: string[][]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (row: string[]) =>
    row.map((cell, at) => (at ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!))).join('  ')
  console.warn(`\n${title}\n${rows.map((row) => `  ${line(row)}`).join('\n')}`)
}

/** False when an action makes more requests than it may. */
export default async function measure(): Promise<boolean> {
  await buildPages()
  const server = await ChatServer.launch()
  const site = await Site.launch(server.url)
  let browser: Browser | undefined
  try {
    browser = await chromium.launch(config.use!.launchOptions!)
    const stage = new Stage(server, site, browser, new World(server, 'bench'))
    print('From mounting to the first message, 50 dialogs, 50 messages (medians)', await measureOpening(stage))
    const { rows, ok } = await measureRequests(stage)
    print('Requests per action', rows)
    print('A dialog of 10,000 messages', await measureLong(stage))
    return ok
  } finally {
    await browser?.close()
    await site.dispose()
    await server.dispose()
  }
}
