/** A long conversation: what one more message costs, and what is held in memory. */
import type { UseChatReturn } from '@mtchat/vue'
import { expect, type CDPSession, type Page } from '@playwright/test'
import { kilobytes, median, ms, type Stage } from './stage'

const COUNT = 10_000
const SENDS = 21
/** So many are held when appending is measured; above 2,000 the engine lets go of what is farthest. */
const HELD = 1_900

async function heap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  return (await session.send('Runtime.getHeapUsage')).usedSize
}

export async function measureLong(stage: Stage): Promise<string[][]> {
  const { world } = stage
  const [anna, boris] = [world.person('Dora', 'North'), world.person('Boris', 'South')]
  const dialog = await world.dialog({ title: 'The long story', people: [anna, boris] })
  await world.fill(dialog, COUNT)
  await world.read(dialog, anna, (await world.messages(dialog, anna)).at(-1)!.id)
  const chat = await stage.open(anna, { props: { dialogId: dialog.id } })
  await expect(chat.feed.getByText(/^Message 10000( |$)/)).toBeVisible()
  const session = await chat.context.newCDPSession(chat.page)
  const before = await heap(session)
  await loadOlder(chat.page, HELD)
  const times: number[] = []
  for (let n = 0; n < SENDS; n++) times.push(await timeOfAppending(chat.page, `Appended ${n}`))
  await loadOlder(chat.page, COUNT)
  // Through all that is held, up to the first message.
  for (let step = 1; step <= 200; step++) {
    await chat.feed.evaluate((feed, share) => (feed.scrollTop = feed.scrollHeight * share), 1 - step / 200)
    await chat.page.evaluate(() => new Promise(requestAnimationFrame))
  }
  const first = chat.feed.getByText(/^Message 1( |$)/)
  // Heights that are measured on the way move the place: as often as it takes.
  await expect
    .poll(() => chat.feed.evaluate((feed) => void (feed.scrollTop = 0)).then(() => first.isVisible()), {
      timeout: 30_000,
    })
    .toBe(true)
  const after = await heap(session)
  const rows = await chat.feed.locator('[data-key]').count()
  return [
    ['time to append one message to about 2,000', ms(median(times))],
    ['script memory after opening', kilobytes(before)],
    ['script memory after scrolling through all', kilobytes(after)],
    ['rows in the page', String(rows)],
  ]
}

/** Pages before what is held, until there are so many messages or none before. */
function loadOlder(page: Page, count: number): Promise<void> {
  return page.evaluate(async (wanted) => {
    const { client } = window.host.chat.value as { client: UseChatReturn }
    while (client.hasMoreMessages.value && client.messages.value.length < wanted) await client.loadOlderMessages()
  }, count)
}

/** From the call to the frame in which it is painted. */
function timeOfAppending(page: Page, text: string): Promise<number> {
  return page.evaluate(async (written) => {
    const { client } = window.host.chat.value as { client: UseChatReturn }
    const start = performance.now()
    const shown = new Promise<number>((resolve) => {
      const look = () => {
        const last = [...document.querySelectorAll('[role=feed] article')].at(-1)
        if (last?.textContent?.includes(written)) resolve(performance.now())
        else requestAnimationFrame(look)
      }
      requestAnimationFrame(look)
    })
    const sent = client.sendMessage(`<p>${written}</p>`)
    const time = (await shown) - start
    await sent
    return time
  }, text)
}
