/** What a host configures and changes, and where it puts the chat. */
import type { Locator } from '@playwright/test'
import { asFile, png } from '../support/files'
import { expect, test } from '../support/test'

const WIDTHS = [320, 360, 480, 768, 1200] as const

test('W1: text, reply, edit and files belong to their dialog, and a draft survives a reload', async ({
  world,
  open,
}) => {
  const { anna, boris, dialog } = await world.pair('First order')
  await world.say(dialog, boris, 'A question')
  const other = await world.dialog({ title: 'Second order', people: [anna, boris] })
  await world.say(other, anna, 'My own words')
  const annas = await open(anna, { props: { dialogId: dialog.id } })
  await annas.act(annas.message('A question'), 'Reply')
  await annas.write('Half an answer')
  await annas.attach(asFile('plan.png', 'image/png', png()))
  await expect(annas.page.locator('.attachment-preview__item--uploaded')).toHaveCount(1)
  await annas.choose('Second order')
  await expect(annas.field).toHaveText('')
  await expect(annas.page.locator('.chat-input__strip, .attachment-preview__item')).toHaveCount(0)
  await expect(annas.row('First order')).toContainText('Draft: Half an answer')
  await annas.extend('My own words', ' and more')
  await annas.choose('First order')
  await expect(annas.field).toHaveText('Half an answer')
  await expect(annas.page.locator('.chat-input__strip--reply')).toContainText('A question')
  await expect(annas.page.locator('.attachment-preview__item--uploaded')).toHaveCount(1)
  await annas.choose('Second order')
  await expect(annas.page.locator('.chat-input__strip--edit')).toContainText('My own words')
  await expect(annas.field).toHaveText('My own words and more')
  await annas.page.reload()
  await expect(annas.page.locator('.chat-input textarea')).toHaveValue('Half an answer')
})

test('W8: names, departments and ids of any alphabet, with any character', async ({ world, open }) => {
  const scopes = { scopeLevel0: ['Северная компания'], scopeLevel1: ['отдел/снабжения'], scopeLevel2: ['角色?#&'] }
  const ivan = world.person('Иван Петров', 'ООО «Север»', { scopes, id: `иван/${Date.now()}?x=1&y#z` })
  const li = world.person('李小龙', '深圳物流')
  const dialog = await world.dialog({
    title: 'Отгрузка 出货',
    people: [li],
    objectId: `заказ/№ 17?${Date.now()}`,
    objectType: 'перевозка/运输',
    scopes: [{ scopeLevel0: ['Северная компания'], scopeLevel1: ['отдел/снабжения'], scopeLevel2: ['角色?#&'] }],
  })
  await world.add(dialog, li)
  const { objectId, objectType } = dialog
  const ivans = await open(ivan, { props: { mode: 'inline', objectId, objectType }, config: { locale: 'ru' } })
  await ivans.page.getByRole('button', { name: 'Присоединиться' }).click()
  await ivans.dialogBox.getByRole('button', { name: 'Присоединиться' }).click()
  await ivans.sendSurely('Груз готов')
  const lis = await open(li, { props: { dialogId: dialog.id }, config: { locale: 'zh' } })
  await expect(lis.message('Груз готов')).toContainText('ООО «Север» — Иван Петров')
  await lis.sendSurely('明天出发')
  await expect(ivans.message('明天出发')).toContainText('深圳物流 — 李小龙')
})

test('W9: changes of the config are followed: user, object, mode, theme, language', async ({ world, open }) => {
  const { anna, boris, dialog } = await world.pair('First order')
  const other = await world.dialog({ title: 'Second order', people: [boris] })
  await world.say(dialog, anna, 'From Anna')
  const chat = await open(anna, { props: { dialogId: dialog.id } })
  await expect(chat.message('From Anna')).toContainText('(you)')
  await chat.page.evaluate(
    ([userId, scopes]) => {
      const { config: now } = window.host.options
      window.host.options.config = { ...now, userId: userId as string, scopeConfig: scopes as typeof now.scopeConfig }
    },
    [boris.id, boris.scopes] as const,
  )
  await expect(chat.row('Second order')).toBeVisible()
  await expect(chat.message('From Anna')).not.toContainText('(you)')
  await chat.page.evaluate(() => void (window.host.options.config.locale = 'ru'))
  await expect(chat.page.getByRole('tab', { name: 'Мои чаты' })).toBeVisible()
  await chat.change({
    props: { mode: 'inline', objectId: other.objectId, objectType: other.objectType, theme: 'dark' },
  })
  await expect(chat.header).toContainText('Second order')
  await expect(chat.root).toHaveClass(/mtchat--dark/)
  await expect(chat.page.locator('.chat-sidebar')).toHaveCount(0)
  await chat.change({ props: { mode: 'inline', objectId: other.objectId, objectType: 'nothing', theme: 'dark' } })
  await expect(chat.header).toHaveCount(0)
})

for (const width of WIDTHS) {
  test(`W10: inline mode is whole at ${width} px`, async ({ world, open }) => {
    const { anna, boris, dialog } = await world.pair()
    await world.say(dialog, boris, `A long line without end: ${'transport '.repeat(30)}`)
    const { objectId, objectType } = dialog
    const annas = await open(anna, { width, props: { mode: 'inline', objectId, objectType } })
    await expect(annas.header.getByRole('button', { name: 'Back' })).toHaveCount(0)
    await annas.sendSurely('Narrow but whole')
    await annas.header.getByRole('button', { name: 'Order 17' }).click()
    await expect(annas.page.locator('.chat-info-panel')).toBeVisible()
    await annas.page.locator('.chat-info-panel').getByRole('button', { name: 'Close' }).click()
    await expect(annas.page.locator('.chat-info-panel')).toHaveCount(0)
    await expect(annas.message('Narrow but whole')).toBeInViewport()
    await expectNothingCut(annas.root)
    await annas.change({ props: { mode: 'inline', objectId: 'none', objectType } })
    await expect(annas.page.getByText('No chat yet')).toBeVisible()
  })

  test(`full mode shows what fits at ${width} px`, async ({ world, open }) => {
    const { anna, boris, dialog } = await world.pair()
    await world.say(dialog, boris, `A long line without end: ${'transport '.repeat(30)}`)
    const annas = await open(anna, { width })
    await annas.choose('Order 17')
    await expect(annas.field).toBeVisible()
    await expect(annas.list).toBeVisible({ visible: width >= 768 })
    await expectNothingCut(annas.root)
    await annas.header.getByRole('button', { name: 'Order 17' }).click()
    await expect(annas.page.locator('.chat-info-panel')).toBeInViewport({ ratio: 1 })
    if (width >= 1200) await expect(annas.list).toBeVisible()
    await annas.page.keyboard.press('Escape')
    if (width < 768) {
      await annas.header.getByRole('button', { name: 'Back' }).click()
      await expect(annas.row('Order 17')).toBeVisible()
    }
  })
}

async function expectNothingCut(root: Locator) {
  const cut = await root.evaluate((element) => {
    const { left, right } = element.getBoundingClientRect()
    return [...element.querySelectorAll('button, input, textarea, [contenteditable], article')]
      .filter((part) => part.getClientRects().length > 0 && getComputedStyle(part).visibility === 'visible')
      .map((part) => ({ name: part.className, box: part.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.left < left - 1 || box.right > right + 1))
      .map(({ name }) => name)
  })
  expect(cut).toEqual([])
}

test('W11: the slots, showSearch and searchPlaceholder work', async ({ world, open }) => {
  const { anna, dialog } = await world.pair()
  const annas = await open(anna, {
    withSlots: true,
    props: { dialogId: dialog.id, searchPlaceholder: 'Find an order' },
  })
  await expect(annas.list.getByRole('button', { name: 'New chat' })).toBeVisible()
  await expect(annas.list.getByRole('searchbox', { name: 'Find an order' })).toBeVisible()
  await annas.chatMenu('Create an invoice')
  await expect(annas.menu).toHaveCount(0)
  expect(await annas.told('invoice')).toHaveLength(1)
  await annas.change({ props: { dialogId: dialog.id, showSearch: false } })
  await expect(annas.list.getByRole('searchbox')).toHaveCount(0)
})

test('W12: menus and dialogs wear the theme of the chat, the host’s own too', async ({ world, open }) => {
  const { anna, dialog } = await world.pair()
  const annas = await open(anna, { props: { dialogId: dialog.id, theme: 'dark' } })
  const background = (selector: string) =>
    annas.page
      .locator(selector)
      .first()
      .evaluate((element) => getComputedStyle(element).backgroundColor)
  const dark = await background('.mtchat')
  await annas.header.getByRole('button', { name: 'Chat menu' }).click()
  await expect(annas.menu).toBeVisible()
  const brightness = (colour: string) =>
    Math.max(
      ...colour
        .match(/[\d.]+/g)!
        .slice(0, 3)
        .map(Number),
    )
  expect(brightness(dark)).toBeLessThan(80)
  expect(brightness(await background('.mt-menu'))).toBeLessThan(80)
  await annas.menu.getByRole('menuitem', { name: 'Leave chat' }).click()
  await expect(annas.dialogBox).toBeVisible()
  expect(brightness(await background('.mt-dialog__panel'))).toBeLessThan(80)
  await annas.dialogBox.getByRole('button', { name: 'Cancel' }).click()

  await annas.page.evaluate(() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync('.mtchat--brand { --mtchat-bg: rgb(1, 2, 3); --mtchat-text: rgb(250, 250, 250) }')
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
  })
  await annas.change({ props: { dialogId: dialog.id, theme: 'brand' } })
  expect(await background('.mtchat')).toBe('rgb(1, 2, 3)')
  await annas.header.getByRole('button', { name: 'Chat menu' }).click()
  await expect(annas.menu).toBeVisible()
  expect(await annas.menu.evaluate((menu) => getComputedStyle(menu).getPropertyValue('--mtchat-bg').trim())).toBe(
    'rgb(1, 2, 3)',
  )
})

test('W15: one goes on writing while a list is slow', async ({ world, open }) => {
  const { anna, boris, dialog } = await world.pair()
  const annas = await open(anna, { props: { dialogId: dialog.id } })
  await expect(annas.field).toBeVisible()
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  await annas.page.route(/\/dialogs\?.*search=/, async (route) => {
    await held
    await route.continue()
  })
  await annas.list.getByRole('searchbox').fill('order')
  await annas.list.getByRole('searchbox').press('Enter')
  await annas.sendSurely('Written meanwhile')
  expect((await world.messages(dialog, boris)).at(-1)?.content).toBe('<p>Written meanwhile</p>')
  release()
  await expect(annas.row('Order 17')).toBeVisible()
})

test('the link to the object is the host’s when it asks for it', async ({ world, open }) => {
  const anna = world.person('Anna', 'North')
  const dialog = await world.dialog({ title: 'Order 17', people: [anna], objectUrl: 'https://host.example/17' })
  const annas = await open(anna, { props: { dialogId: dialog.id } })
  await expect(annas.header.getByRole('link', { name: 'Open object' })).toHaveAttribute(
    'href',
    'https://host.example/17',
  )
  await annas.change({ props: { dialogId: dialog.id, interceptObjectNavigation: true } })
  await annas.header.getByRole('button', { name: 'Open object' }).click()
  expect(await annas.told('object-navigate')).toMatchObject([{ dialog: { id: dialog.id } }])
})
