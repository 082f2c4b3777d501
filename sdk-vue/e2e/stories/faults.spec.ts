/** What goes wrong and is made good: the server ends, the network is cut, a send is refused. */
import { expect, test } from '../support/test'

test('W2: a refused send keeps its text, says so, and is sent again or taken back', async ({ world, open }) => {
  const { anna, boris, dialog } = await world.pair()
  const annas = await open(anna, { props: { dialogId: dialog.id } })
  const sends = /\/dialogs\/[^/]+\/messages\?/
  await annas.page.route(sends, (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({ status: 500, json: { error: { code: 'INTERNAL_ERROR', message: 'Out of order' } } })
      : route.fallback(),
  )
  await annas.send('Do not lose me')
  await annas.send('Nor me')
  const [first, second] = [annas.message('Do not lose me'), annas.message('Nor me')]
  await expect(first).toContainText('Not sent')
  await expect(second).toContainText('Not sent')
  expect(await annas.told('error')).toContainEqual(expect.objectContaining({ code: 'INTERNAL_ERROR', status: 500 }))
  expect(await annas.told('message-sent')).toEqual([])
  await second.getByRole('button', { name: 'Discard' }).click()
  await expect(second).toHaveCount(0)
  await expect(annas.field).toHaveText('Nor me')
  await annas.page.unroute(sends)
  await first.getByRole('button', { name: 'Send again' }).click()
  await expect(first.locator('.chat-messages__mark--sent')).toBeVisible()
  await expect(first).not.toContainText('Not sent')
  const stored = await world.messages(dialog, boris)
  expect(stored.map(({ content }) => content).filter((content) => content.startsWith('<p>'))).toEqual([
    '<p>Do not lose me</p>',
  ])
  expect(await annas.told('message-sent')).toMatchObject([{ content: '<p>Do not lose me</p>' }])
})

test('a server that is killed and comes back: nothing is lost, nothing is there twice', async ({
  world,
  open,
  server,
}) => {
  const { anna, boris, dialog } = await world.pair()
  const annas = await open(anna, { props: { dialogId: dialog.id } })
  const boriss = await open(boris, { props: { dialogId: dialog.id } })
  await annas.sendSurely('Before')
  await server.kill()
  await expect(annas.page.getByText('Connection lost, reconnecting').first()).toBeVisible()
  await annas.send('While it was away 1')
  await annas.send('While it was away 2')
  await expect(annas.message('While it was away 2').locator('.chat-messages__mark')).toContainText('Sending')
  await server.start()
  for (const chat of [annas, boriss]) {
    await expect(chat.message('While it was away 2')).not.toHaveClass(/--pending/)
    await expect(chat.message('While it was away 2')).toBeVisible({ timeout: 40_000 })
    await expect(chat.header).toContainText('Connected')
  }
  await boriss.sendSurely('After')
  await expect(annas.message('After')).toBeVisible()
  const texts = await annas.feed.getByRole('article').allInnerTexts()
  const said = ['Before', 'While it was away 1', 'While it was away 2', 'After']
  expect(said.map((text) => texts.filter((shown) => shown.includes(text)).length)).toEqual([1, 1, 1, 1])
  expect((await world.messages(dialog, boris)).map(({ content }) => content).slice(-4)).toEqual(
    said.map((text) => `<p>${text}</p>`),
  )
})

test('a network that is cut in the middle: what was written waits, what was missed comes', async ({ world, open }) => {
  const { anna, boris, dialog } = await world.pair()
  const annas = await open(anna, { props: { dialogId: dialog.id } })
  const message = await world.say(dialog, boris, 'To be changed')
  await expect(annas.message('To be changed')).toBeVisible()
  // The rich field is fetched on first use; without it one writes into the plain one.
  await annas.write('')
  await annas.context.setOffline(true)
  await annas.send('Written in a tunnel')
  await expect(annas.message('Written in a tunnel').locator('.chat-messages__mark')).toContainText('Sending')
  await world.say(dialog, boris, 'Missed')
  await world.chat(boris, 'PUT', `/dialogs/${dialog.id}/messages/${message.id}`, { content: '<p>Changed</p>' })
  await annas.context.setOffline(false)
  for (const text of ['Missed', 'Changed', 'Written in a tunnel']) await expect(annas.message(text)).toBeVisible()
  await expect(annas.message('Written in a tunnel')).not.toHaveClass(/--pending/)
  expect((await world.messages(dialog, boris)).at(-1)?.content).toBe('<p>Written in a tunnel</p>')
})

test('W4: after a loss of the connection the window and the place in it are kept and the gap is filled', async ({
  world,
  open,
  server,
}) => {
  const { anna, boris, dialog } = await world.pair()
  await world.fill(dialog, 180)
  await world.read(dialog, anna, (await world.messages(dialog, anna)).at(-1)!.id)
  const annas = await open(anna, { props: { dialogId: dialog.id } })
  const anchor = annas.feed.getByText(/^Message 100( |$)/)
  await annas.wheelUntil(-500, () => anchor.isVisible())
  const before = (await anchor.boundingBox())!.y
  await server.kill()
  await server.start()
  await world.say(dialog, boris, 'Missed meanwhile')
  await annas.wake()
  await expect.poll(async () => (await annas.told('connected')).length, { timeout: 30_000 }).toBeGreaterThan(1)
  await expect(annas.row('Order 17')).toContainText('Missed meanwhile')
  expect(Math.abs((await anchor.boundingBox())!.y - before)).toBeLessThan(2)
  await annas.wheelUntil(-800, () => annas.feed.getByText(/^Message 1( |$)/).isVisible())
  await annas.page.getByRole('button', { name: /^To the latest messages/ }).click()
  await expect(annas.message('Missed meanwhile')).toBeInViewport()
})

test('W13: what one may not do is told with its code', async ({ world, open }) => {
  const { anna, dialog } = await world.pair()
  const stranger = world.person('Zoe', 'Elsewhere')
  const zoes = await open(stranger, { props: { dialogId: dialog.id } })
  await expect
    .poll(() => zoes.told('error'))
    .toContainEqual(expect.objectContaining({ code: 'SCOPE_MISMATCH', status: 403 }))
  const annas = await open(anna, { props: { dialogId: dialog.id } })
  await expect(annas.field).toBeVisible()
  expect(await annas.told('error')).toEqual([])
})
