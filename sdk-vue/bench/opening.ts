/** How long until one reads, and how much comes over the network for it. */
import type { BrowserContext } from '@playwright/test'
import { kilobytes, median, ms, type Stage } from './stage'

const ROUNDS = 5

interface Opened {
  fromMount: number
  fromNavigation: number
  code: number
  data: number
}

async function openOnce(context: BrowserContext, address: string): Promise<Opened> {
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Network.enable')
  const urls = new Map<string, string>()
  const bytes = { code: 0, data: 0 }
  session.on('Network.responseReceived', ({ requestId, response }) => urls.set(requestId, response.url))
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    bytes[urls.get(requestId)?.includes('/api/') ? 'data' : 'code'] += encodedDataLength
  })
  await page.addInitScript(() => {
    const observer = new MutationObserver(() => {
      if (!document.querySelector('[role=feed] article')) return
      observer.disconnect()
      Object.assign(window, { firstMessageAt: performance.now() })
    })
    observer.observe(document, { childList: true, subtree: true })
  })
  await page.goto(address)
  await page.waitForFunction(() => 'firstMessageAt' in window)
  await page.waitForLoadState('networkidle')
  const times = await page.evaluate(() => {
    const { firstMessageAt } = window as unknown as { firstMessageAt: number }
    return { fromMount: firstMessageAt - window.host.mountedAt, fromNavigation: firstMessageAt }
  })
  await page.close()
  return { ...times, ...bytes }
}

export async function measureOpening(stage: Stage): Promise<string[][]> {
  const { world } = stage
  const [anna, boris] = [world.person('Anna', 'North'), world.person('Boris', 'South')]
  const dialogs = await Promise.all(
    Array.from({ length: 50 }, (_, n) => world.dialog({ title: `Order ${n + 1}`, people: [anna, boris] })),
  )
  await world.fill(dialogs[0]!, 50)
  const address = stage.address(anna, { props: { dialogId: dialogs[0]!.id } })
  const rows = [['', 'from mount', 'from navigation', 'code (gzip)', 'data']]
  const runs: Record<string, Opened[]> = { cold: [], cached: [] }
  for (let round = 0; round < ROUNDS; round++) {
    const context = await stage.newContext()
    for (const kind of ['cold', 'cached']) runs[kind]!.push(await openOnce(context, address))
    await context.close()
  }
  for (const [kind, opened] of Object.entries(runs)) {
    const of = (key: keyof Opened) => median(opened.map((one) => one[key]))
    rows.push([kind, ms(of('fromMount')), ms(of('fromNavigation')), kilobytes(of('code')), kilobytes(of('data'))])
  }
  return rows
}
