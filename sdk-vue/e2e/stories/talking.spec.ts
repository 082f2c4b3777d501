/** Two people talk: everything one does is seen by the other at once, in both modes. */
import { expect, test, type Open, type OpenOptions } from '../support/test'
import type { Person, TestDialog } from '../support/world'

const MODES = ['full', 'inline'] as const

function into(dialog: TestDialog, mode: (typeof MODES)[number], more: OpenOptions = {}): OpenOptions {
  const { objectId, objectType } = dialog
  const props = mode === 'inline' ? { mode, objectId, objectType } : { dialogId: dialog.id }
  return { ...more, props: { ...props, ...more.props } }
}

async function both(open: Open, mode: (typeof MODES)[number], dialog: TestDialog, anna: Person, boris: Person) {
  const chats = await Promise.all([open(anna, into(dialog, mode)), open(boris, into(dialog, mode))])
  for (const chat of chats) await expect(chat.field).toBeVisible()
  return chats
}

for (const mode of MODES) {
  test.describe(`${mode} mode`, () => {
    test('a message is there at once, for both, and stays after a reload', async ({ world, open }) => {
      const { anna, boris, dialog } = await world.pair()
      const [annas, boriss] = await both(open, mode, dialog, anna, boris)
      await annas!.sendSurely('Which gate?')
      await expect(boriss!.message('Which gate?')).toBeVisible()
      await boriss!.sendSurely('Gate 4, please')
      await expect(annas!.message('Gate 4, please')).toBeVisible()
      await expect(boriss!.message('Which gate?')).toContainText('North — Anna')
      expect(await annas!.told('message-sent')).toMatchObject([{ content: '<p>Which gate?</p>', dialog_id: dialog.id }])
      await boriss!.page.reload()
      await expect(boriss!.message('Gate 4, please')).toBeVisible()
      await expect(boriss!.message('Which gate?')).toBeVisible()
    })

    test('a reply carries its quote, and the quote leads to the original and back', async ({ world, open }) => {
      const { anna, boris, dialog } = await world.pair()
      await world.say(dialog, boris, 'Which gate should it take?')
      await world.fill(dialog, 40)
      const [annas, boriss] = await both(open, mode, dialog, anna, boris)
      const question = annas!.message('Which gate should it take?')
      await annas!.wheelUntil(-600, () => question.isVisible())
      await annas!.act(question, 'Reply')
      await expect(annas!.page.locator('.chat-input__strip--reply')).toContainText('Which gate should it take?')
      await annas!.send('Number five')
      await boriss!.wheelUntil(600, () => boriss!.message('Number five').isVisible())
      const quote = boriss!.quoteIn(boriss!.message('Number five'))
      await expect(quote).toContainText('Which gate should it take?')
      await quote.click()
      await expect(boriss!.message('Which gate should it take?')).toBeInViewport()
      await expect(boriss!.message('Which gate should it take?')).toHaveClass(/--highlighted/)
      await boriss!.page.getByRole('button', { name: 'Back to the reply' }).click()
      await expect(boriss!.message('Number five')).toBeInViewport()
    })

    test('an edit changes the text for both and says so', async ({ world, open }) => {
      const { anna, boris, dialog } = await world.pair()
      const [annas, boriss] = await both(open, mode, dialog, anna, boris)
      await annas!.sendSurely('Gate 4')
      await annas!.extend('Gate 4', ', not 5')
      await annas!.page.keyboard.press('Enter')
      for (const chat of [annas!, boriss!]) {
        await expect(chat.message('Gate 4, not 5')).toContainText('edited')
        await expect(chat.message('Gate 4')).toHaveCount(0)
      }
      await expect(annas!.field).toHaveText('')
    })

    test('a message is deleted only after a yes, and then for both', async ({ world, open }) => {
      const { anna, boris, dialog } = await world.pair()
      const [annas, boriss] = await both(open, mode, dialog, anna, boris)
      await annas!.sendSurely('A mistake')
      await expect(boriss!.message('A mistake')).toBeVisible()
      await annas!.actFromMenu(annas!.message('A mistake'), 'Delete')
      await annas!.dialogBox.getByRole('button', { name: 'Cancel' }).click()
      await expect(annas!.message('A mistake')).toBeVisible()
      await annas!.actFromMenu(annas!.message('A mistake'), 'Delete')
      await annas!.dialogBox.getByRole('button', { name: 'Delete' }).click()
      for (const chat of [annas!, boriss!]) await expect(chat.message('A mistake')).toHaveCount(0)
    })

    test('a person is mentioned by keyboard, and the mention stands out', async ({ world, open }) => {
      const { anna, boris, dialog } = await world.pair()
      await world.add(dialog, world.person('Bella', 'South'))
      const [annas, boriss] = await both(open, mode, dialog, anna, boris)
      await annas!.write('Ask ')
      await annas!.page.keyboard.type('@b')
      const people = annas!.page.getByRole('listbox', { name: 'People to mention' })
      await expect(people.getByRole('option')).toHaveCount(2)
      await annas!.page.keyboard.press('ArrowDown')
      await expect(people.getByRole('option', { selected: true })).toContainText('Bella')
      await annas!.page.keyboard.press('ArrowUp')
      await annas!.page.keyboard.press('Enter')
      await annas!.page.keyboard.insertText('please')
      await annas!.page.keyboard.press('Enter')
      const mention = boriss!.feed.locator('[data-type=mention]')
      await expect(mention).toHaveText('@Boris')
      await expect(mention).toHaveAttribute('data-id', boris.id)
      await expect(boriss!.feed).toContainText('Ask @Boris please')
    })

    test('formatting is written with the toolbar and read as such', async ({ world, open }) => {
      const { anna, boris, dialog } = await world.pair()
      const [annas, boriss] = await both(open, mode, dialog, anna, boris)
      await annas!.write('')
      await annas!.page.getByRole('button', { name: 'Show formatting' }).click()
      await annas!.page.getByRole('button', { name: /^Bold/ }).click()
      await annas!.page.keyboard.insertText('Friday')
      await annas!.page.keyboard.press('Enter')
      await expect(boriss!.feed.locator('strong')).toHaveText('Friday')
      await annas!.page.getByRole('button', { name: 'Hide formatting' }).click()
      await expect(annas!.page.getByRole('toolbar', { name: 'Formatting' })).toBeHidden()
    })

    test('a sent message is marked as read when the other has seen it, and by whom', async ({ world, open }) => {
      const { anna, boris, dialog } = await world.pair()
      const annas = await open(anna, into(dialog, mode))
      await annas.sendSurely('Seen?')
      const message = annas.message('Seen?')
      await expect(message.locator('.chat-messages__mark--sent')).toBeVisible()
      await annas.actFromMenu(message, 'Read by')
      await expect(annas.dialogBox).toContainText('Nobody has read it yet')
      await annas.page.keyboard.press('Escape')
      const boriss = await open(boris, into(dialog, mode))
      await expect(boriss.message('Seen?')).toBeVisible()
      await expect(message.locator('.chat-messages__mark--read')).toBeVisible()
      await annas.actFromMenu(message, 'Read by')
      await expect(annas.dialogBox).toContainText('South — Boris')
    })

    test('one sees who is there, who types, and who has gone', async ({ world, open }) => {
      const { anna, boris, dialog } = await world.pair()
      const [annas, boriss] = await both(open, mode, dialog, anna, boris)
      await annas!.header.getByRole('button', { name: 'Order 17' }).click()
      const people = annas!.page.locator('.chat-info-panel__person')
      await expect(people.filter({ hasText: 'Boris' })).toContainText('online')
      await annas!.page.keyboard.press('Escape')
      await boriss!.write('I am wri')
      await expect(annas!.header).toContainText('Boris is typing…')
      await expect(annas!.header).not.toContainText('typing')
      await annas!.header.getByRole('button', { name: 'Order 17' }).click()
      await boriss!.page.close()
      await expect(people.filter({ hasText: 'Boris' })).toContainText('offline')
    })
  })
}

test('two tabs of one person are in step', async ({ world, open }) => {
  const { anna, boris, dialog } = await world.pair()
  const first = await open(anna, into(dialog, 'full'))
  const second = await open(anna, { props: {} })
  await first.sendSurely('From the first tab')
  await expect(second.row('Order 17')).toContainText('From the first tab')
  await second.choose('Order 17')
  await expect(second.message('From the first tab')).toBeVisible()
  await first.extend('From the first tab', ', changed')
  await first.page.keyboard.press('Enter')
  await expect(second.message('From the first tab, changed')).toBeVisible()
  await second.chatMenu('Pin')
  await expect(first.row('Order 17')).toContainText('Pinned')
  await world.say(dialog, boris, 'For both')
  for (const tab of [first, second]) await expect(tab.message('For both')).toBeVisible()
})

test('reading in one tab takes the counter away in the other', async ({ world, open }) => {
  const { anna, boris, dialog } = await world.pair()
  const other = await world.dialog({ title: 'Another order', people: [anna, boris] })
  const idle = await open(anna, into(other, 'full'))
  await world.sayMany(dialog, boris, 'New', 3)
  await expect(idle.unreadOf('Order 17')).toHaveText('3')
  await open(anna, into(dialog, 'full'))
  await expect(idle.unreadOf('Order 17')).toHaveCount(0)
})

test('what somebody wrote is HTML of the short list and nothing more', async ({ world, open }) => {
  const { anna, boris, dialog } = await world.pair()
  await world.say(
    dialog,
    boris,
    '<p onclick="alert(1)">Safe<img src=x onerror="alert(1)"><script>alert(1)</script></p>',
  )
  await world.say(dialog, boris, '<p><a href="javascript:alert(1)">No link</a></p>')
  const annas = await open(anna, into(dialog, 'full'))
  await expect(annas.message('No link')).toBeVisible()
  await expect(annas.feed.locator('img, script, [onclick], a[href^=javascript]')).toHaveCount(0)
})
