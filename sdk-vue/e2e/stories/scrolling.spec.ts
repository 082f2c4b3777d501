/** Long conversations: paging both ways, jumps, the divider, what counts as read, and a page that stays small. */
import { expect, test } from '../support/test'

/** Rows on the screen and the overscan around it; 720 px hold about 25 one-line messages. */
const MOST_ROWS = 120

test('10,000 messages are scrolled through while the page stays small', async ({ world, open }) => {
  test.slow()
  const { anna, dialog } = await world.pair()
  await world.fill(dialog, 10_000)
  await world.read(dialog, anna, (await world.messages(dialog, anna)).at(-1)!.id)
  const annas = await open(anna, { props: { dialogId: dialog.id } })
  await expect(annas.feed.getByText(/^Message 10000( |$)/)).toBeVisible()
  let most = 0
  await annas.page.evaluate(async () => {
    const { client } = window.host.chat.value as { client: { loadOlderMessages(): Promise<void> } }
    for (let page = 0; page < 190; page++) await client.loadOlderMessages()
  })
  for (let turn = 0; turn < 40; turn++) {
    await annas.feed.evaluate((feed, share) => (feed.scrollTop = feed.scrollHeight * share), 1 - turn / 40)
    await annas.page.evaluate(() => new Promise(requestAnimationFrame))
    most = Math.max(most, await annas.feed.locator('[data-key]').count())
  }
  await annas.wheelUntil(-4000, () => annas.feed.getByText(/^Message 1( |$)/).isVisible())
  expect(most).toBeLessThan(MOST_ROWS)
  expect(await annas.feed.locator('[data-key]').count()).toBeLessThan(MOST_ROWS)
  await annas.page.getByRole('button', { name: /^To the latest messages/ }).click()
  await expect(annas.feed.getByText(/^Message 10000( |$)/)).toBeInViewport()
})

test('older pages come while one scrolls up, newer ones while one scrolls down after a jump', async ({
  world,
  open,
}) => {
  const { anna, boris, dialog } = await world.pair()
  const old = await world.say(dialog, boris, 'The beginning of it all')
  await world.fill(dialog, 150)
  const reply = await world.say(dialog, boris, 'As I said', { reply_to: old.id })
  await world.read(dialog, anna, reply.id)
  const annas = await open(anna, { props: { dialogId: dialog.id } })
  await annas.quoteIn(annas.message('As I said')).click()
  await expect(annas.message('The beginning of it all')).toBeInViewport()
  await expect(annas.message('As I said')).toHaveCount(0)
  await annas.wheelUntil(600, () => annas.message('As I said').isVisible())
  await annas.wheelUntil(-600, () => annas.message('The beginning of it all').isVisible())
})

test('W5: messages that come during a jump are held back, in order and once', async ({ world, open }) => {
  const { anna, boris, dialog } = await world.pair()
  const old = await world.say(dialog, boris, 'The beginning of it all')
  await world.fill(dialog, 150)
  const reply = await world.say(dialog, boris, 'As I said', { reply_to: old.id })
  await world.read(dialog, anna, reply.id)
  const annas = await open(anna, { props: { dialogId: dialog.id } })
  await annas.quoteIn(annas.message('As I said')).click()
  await expect(annas.message('The beginning of it all')).toBeInViewport()
  await world.sayMany(dialog, boris, 'Live', 3)
  await expect(annas.unreadOf('Order 17')).toHaveText('3')
  await expect(annas.message('Live 3')).toHaveCount(0)
  const toEnd = annas.page.getByRole('button', { name: /^To the latest messages/ })
  await expect(toEnd).toHaveAccessibleName('To the latest messages, 3 new messages')
  await annas.wheelUntil(600, () => annas.message('Live 3').isVisible())
  const texts = (await annas.feed.getByRole('article').allInnerTexts()).join('\n')
  expect(texts.match(/As I said|Live \d/g)).toEqual(['As I said', 'Live 1', 'Live 2', 'Live 3'])
})

test('W6: only what was seen is read: not in a hidden tab, not while scrolled up, and in one request', async ({
  world,
  open,
}) => {
  const { anna, boris, dialog } = await world.pair()
  await world.fill(dialog, 60)
  await world.read(dialog, anna, (await world.messages(dialog, anna)).at(-1)!.id)
  const annas = await open(anna, { props: { dialogId: dialog.id } })
  await expect(annas.feed.getByText(/^Message 60( |$)/)).toBeVisible()
  const reads: string[] = []
  annas.page.on('request', (request) => {
    if (request.url().includes('/read?')) reads.push(request.postDataJSON().last_read_message_id)
  })
  await annas.hide(true)
  await world.sayMany(dialog, boris, 'Unseen', 3)
  await expect(annas.unreadOf('Order 17')).toHaveText('3')
  await expect(annas.message('Unseen 3')).toBeVisible()
  expect(reads).toEqual([])
  await annas.hide(false)
  await expect(annas.unreadOf('Order 17')).toHaveCount(0)
  const last = (await world.messages(dialog, anna)).at(-1)!
  await expect.poll(() => reads).toEqual([last.id])

  await annas.wheelUntil(-300, async () => (await annas.distanceToEnd()) > 600)
  await world.sayMany(dialog, boris, 'Below', 2)
  await expect(annas.unreadOf('Order 17')).toHaveText('2')
  expect(reads).toEqual([last.id])
  await annas.page.getByRole('button', { name: /^To the latest messages/ }).click()
  await expect(annas.unreadOf('Order 17')).toHaveCount(0)
  await expect.poll(() => reads.length).toBe(2)
  expect(reads[1]! > reads[0]!).toBe(true)
})

test('a dialog opens at what is new in it, under a divider that stays until one has answered', async ({
  world,
  open,
}) => {
  const { anna, boris, dialog } = await world.pair()
  await world.sayMany(dialog, boris, 'Old', 30)
  await world.read(dialog, anna, (await world.messages(dialog, anna)).at(-1)!.id)
  await world.sayMany(dialog, boris, 'New', 30)
  const annas = await open(anna, { props: { dialogId: dialog.id } })
  const divider = annas.feed.locator('.chat-messages__unread')
  await expect(divider).toHaveText('New messages')
  await expect(divider).toBeInViewport()
  await expect(annas.message('New 1')).toBeInViewport()
  await expect(annas.message('New 30')).not.toBeInViewport()
  await annas.page.getByRole('button', { name: /^To the latest messages/ }).click()
  await expect(annas.message('New 30')).toBeInViewport()
  await expect(annas.unreadOf('Order 17')).toHaveCount(0)
})

test('a reader of history is not moved by what comes, one at the end is', async ({ world, open }) => {
  const { anna, boris, dialog } = await world.pair()
  await world.fill(dialog, 100)
  await world.read(dialog, anna, (await world.messages(dialog, anna)).at(-1)!.id)
  const annas = await open(anna, { props: { dialogId: dialog.id } })
  await expect(annas.feed.getByText(/^Message 100( |$)/)).toBeInViewport()
  await world.say(dialog, boris, 'Follow me')
  await expect(annas.message('Follow me')).toBeInViewport()
  const anchor = annas.feed.getByText(/^Message 60( |$)/)
  await annas.wheelUntil(-300, () => anchor.isVisible())
  const before = (await anchor.boundingBox())!.y
  await world.say(dialog, boris, 'Do not move')
  await expect(annas.row('Order 17')).toContainText('Do not move')
  expect(Math.abs((await anchor.boundingBox())!.y - before)).toBeLessThan(2)
  await annas.send('My own is always shown')
  await expect(annas.message('My own is always shown')).toBeInViewport()
})
