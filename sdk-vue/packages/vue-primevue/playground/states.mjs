/** What a person can have on the screen, as far as PrimeVue's parts are in it. Parts are found by roles: each kit has its own classes. */
import { settle } from '../../vue/playground/states.mjs'

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

async function write(page, text) {
  await page.locator('.mtchat-editor__content').click()
  await page.locator('.ProseMirror').waitFor()
  await page.keyboard.type(text)
}

const list = { query: { open: '0' }, ready: '.chat-sidebar__item', only: 'full' }

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
    ...list,
    async act(page) {
      await page.locator('.chat-sidebar__item').nth(1).click({ button: 'right' })
      await item(page, 0).waitFor()
    },
  },
  archived: {
    ...list,
    async act(page) {
      await page.locator('.chat-sidebar__archived button').first().click()
      await page.locator('.chat-sidebar__item--archived').first().waitFor()
    },
  },
  search: {
    ...list,
    async act(page) {
      await page.locator('.chat-sidebar__search input').fill('zzz')
      await page.locator('.chat-sidebar__empty').waitFor()
    },
  },
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
  mentions: {
    async act(page) {
      await write(page, '@')
      await page.locator('.mtchat-mentions__item').first().waitFor()
    },
  },
  formatting: {
    async act(page) {
      await page.locator('.chat-input__format').click()
      await page.locator('.mtchat-editor__bar').waitFor()
      await write(page, '**Gate 4**')
    },
  },
  info: {
    async act(page) {
      await page.locator('.chat-header__title').click()
      await page.locator('.chat-info-panel__person').first().waitFor()
    },
  },
  failed: {
    async act(page) {
      await page.evaluate(() => globalThis.server.refuse('POST', /messages$/, 400, 'VALIDATION_ERROR'))
      await write(page, '2071?')
      await page.keyboard.press('Enter')
      await page.locator('.chat-messages__failed').waitFor()
    },
  },
  empty: { query: { scene: 'empty' }, ready: '.mtchat-empty' },
  join: { query: { scene: 'join' }, ready: '.mtchat__join-required' },
  'join-dialog': {
    query: { scene: 'join' },
    ready: '.mtchat__join-required',
    async act(page) {
      await page.locator('.mtchat__btn--primary').click()
      await page.locator('.join-dialog').waitFor()
    },
  },
  'viewer-file': {
    async act(page) {
      await page.locator('.chat-messages__view').evaluate((view) => (view.scrollTop = 0.12 * view.scrollHeight))
      await page.locator('.chat-attachments__file-main').last().click()
      await page.locator('.file-viewer__other').waitFor()
    },
  },
}

/** Opens the playground in a state. `query`: page, theme, mode, locale and what else the playground knows. */
export async function enter(page, origin, name, query) {
  const { query: own, ready = '.chat-messages__message', act } = STATES[name]
  await page.goto(`${origin}?${new URLSearchParams({ ...query, ...own })}`)
  await page.locator(ready).first().waitFor()
  await settle(page)
  await act?.(page)
  await settle(page)
}
