/** What a person can have on the screen, as far as PrimeVue's parts are in it. Parts are found by roles: each kit has its own classes. */
import { entering, STATES as OURS, write } from '../../vue/playground/states.mjs'

const OWN = '.chat-messages__message--own:not(.chat-messages__message--continued)'
const item = (page, index) => page.getByRole('menuitem').nth(index)

async function openHeaderMenu(page) {
  await page.locator('.chat-header__menu').click()
  await item(page, 0).waitFor()
}

async function openMessageMenu(page) {
  const message = page.locator(OWN).last()
  await message.hover({ position: { x: 80, y: 8 } })
  await message.locator('.chat-messages__toolbar button').last().click()
  await item(page, 0).waitFor()
}

export const STATES = {
  chat: {},
  toolbar: {
    act: (page) =>
      page
        .locator(OWN)
        .last()
        .hover({ position: { x: 80, y: 8 } }),
  },
  'message-menu': { act: openMessageMenu },
  'header-menu': { act: openHeaderMenu },
  'header-menu-host': { query: { slots: '1' }, act: openHeaderMenu },
  'row-menu': {
    ...OURS.list,
    async act(page) {
      await page.locator('.chat-sidebar__item').nth(1).click({ button: 'right' })
      await item(page, 0).waitFor()
    },
  },
  archived: OURS.archived,
  search: OURS['search-nothing'],
  leave: {
    async act(page) {
      await openHeaderMenu(page)
      await page.getByRole('menuitem').last().click()
      await page.getByRole('dialog').last().waitFor()
    },
  },
  link: {
    async act(page) {
      await write(page, 'x')
      await page.keyboard.press('Control+Shift+L')
      await page.getByRole('dialog').last().waitFor()
    },
  },
  mentions: OURS.mentions,
  formatting: {
    async act(page) {
      await page.locator('.chat-input__format').click()
      await page.locator('.mtchat-editor__bar').waitFor()
      await write(page, '**Gate 4**')
    },
  },
  info: OURS.info,
  failed: OURS.failed,
  empty: OURS.empty,
  join: OURS.join,
  'join-dialog': OURS['join-dialog'],
  'viewer-file': OURS['viewer-file'],
}

export const enter = entering(STATES)
