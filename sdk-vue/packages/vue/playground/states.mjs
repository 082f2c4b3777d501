/**
 * What a person can have on the screen. Each state starts from a scene of the playground and is reached by hand, in any
 * language: parts are found by their classes. To add one: a line in STATES. Pictures and browser tests walk all of them.
 */

const OWN = '.chat-messages__message--own:not(.chat-messages__message--continued)'
const FOREIGN = '.chat-messages__message:not(.chat-messages__message--own)'

/** Everything that was going to appear by itself has appeared: texts, pictures, menus; nothing moves any more. */
export async function settle(page) {
  await page.waitForFunction(() => {
    const { document, getComputedStyle, innerHeight } = globalThis
    const isSeen = (element) => {
      const { top, bottom } = element.getBoundingClientRect()
      return bottom > 0 && top < innerHeight && getComputedStyle(element).visibility !== 'hidden'
    }
    const isStill = document
      .getAnimations()
      .every(({ playState, effect }) => playState !== 'running' || effect?.getTiming().iterations === Infinity)
    return isStill && [...document.images].every((image) => image.complete || !isSeen(image))
  })
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
}

async function hover(page, selector) {
  const message = page.locator(selector).last()
  await message.hover({ position: { x: 80, y: 8 } })
  await message.locator('.chat-messages__toolbar').waitFor()
  return message
}

async function openMessageMenu(page, entry) {
  const message = await hover(page, OWN)
  await message.locator('.chat-messages__toolbar button').last().click()
  await page.locator('.mt-menu__item').first().waitFor()
  if (entry !== undefined) await page.locator('.mt-menu__item').nth(entry).click()
}

async function openHeaderMenu(page) {
  await page.locator('.chat-header__menu').click()
  await page.locator('.mt-menu__item').first().waitFor()
}

/** Types into the composer. */
export async function write(page, text) {
  await page.locator('.mtchat-editor__content').click()
  await page.locator('.ProseMirror').waitFor()
  await page.keyboard.type(text)
}

const scrollTo = (page, share) =>
  page.locator('.chat-messages__view').evaluate((view, part) => {
    view.scrollTop = part * view.scrollHeight
  }, share)

async function attach(page) {
  const file = (name, mimeType, size = 2000) => ({ name, mimeType, buffer: Buffer.alloc(size, 'a') })
  const png = await page.evaluate(() => globalThis.picture(4, 320, 200).split(',')[1])
  await page
    .locator('.chat-input__picker')
    .setInputFiles([
      { name: 'gate-4.png', mimeType: 'image/png', buffer: Buffer.from(png, 'base64') },
      file('Acceptance certificate, both copies.pdf', 'application/pdf'),
      file('program.exe', 'application/x-msdownload'),
    ])
  await page.locator('.attachment-preview__item').nth(1).waitFor()
  await page.locator('.attachment-preview__item--uploaded').nth(1).waitFor()
}

export const STATES = {
  chat: {},
  list: { query: { open: '0' }, ready: '.chat-sidebar__item', only: 'full' },
  history: { act: (page) => scrollTo(page, 0.12) },
  toolbar: { act: (page) => hover(page, OWN) },
  'toolbar-foreign': { act: (page) => hover(page, FOREIGN) },
  'message-menu': { act: (page) => openMessageMenu(page) },
  delete: {
    async act(page) {
      await openMessageMenu(page, 2)
      await page.locator('.mt-dialog__footer').waitFor()
    },
  },
  readers: {
    async act(page) {
      await openMessageMenu(page, 0)
      await page.locator('.readers-dialog').waitFor()
    },
  },
  shortcuts: {
    async act(page) {
      await page.locator('.chat-messages__view').focus()
      await page.keyboard.press('?')
      await page.locator('.shortcuts-dialog__list').waitFor()
    },
  },
  'header-menu': { query: { slots: '1' }, act: openHeaderMenu },
  leave: {
    async act(page) {
      await openHeaderMenu(page)
      await page.locator('.mt-menu__item--danger').click()
      await page.locator('.mt-dialog__footer').waitFor()
    },
  },
  info: {
    async act(page) {
      await page.locator('.chat-header__title').click()
      await page.locator('.chat-info-panel__person').first().waitFor()
    },
  },
  'row-menu': {
    query: { open: '0' },
    ready: '.chat-sidebar__item',
    only: 'full',
    async act(page) {
      await page.locator('.chat-sidebar__item').nth(1).click({ button: 'right' })
      await page.locator('.mt-menu__item').first().waitFor()
    },
  },
  archived: {
    query: { open: '0' },
    ready: '.chat-sidebar__item',
    only: 'full',
    async act(page) {
      await page.locator('.chat-sidebar__archived button').first().click()
      await page.locator('.chat-sidebar__item--archived').first().waitFor()
    },
  },
  available: {
    query: { open: '0' },
    ready: '.chat-sidebar__item',
    only: 'full',
    act: (page) => page.locator('.mt-tab').nth(1).click(),
  },
  'search-nothing': {
    query: { open: '0' },
    ready: '.chat-sidebar__item',
    only: 'full',
    async act(page) {
      await page.locator('.chat-sidebar__search input').fill('zzz')
      await page.locator('.chat-sidebar__empty').waitFor()
    },
  },
  reply: {
    async act(page) {
      const message = await hover(page, FOREIGN)
      await message.locator('.chat-messages__toolbar button').first().click()
      await page.locator('.chat-input__strip').waitFor()
    },
  },
  edit: {
    async act(page) {
      const message = await hover(page, OWN)
      await message.locator('.chat-messages__toolbar button').nth(1).click()
      await page.locator('.chat-input__strip--edit').waitFor()
    },
  },
  formatting: {
    async act(page) {
      await page.locator('.chat-input__format').click()
      await page.locator('.mtchat-editor__bar').waitFor()
      await write(page, '**Gate 4** and `SHP-2071/b`')
      await page.keyboard.press('Enter')
      await write(page, '- one more line of a list')
    },
  },
  mentions: {
    async act(page) {
      await write(page, '@')
      await page.locator('.mtchat-mentions__item').first().waitFor()
    },
  },
  link: {
    async act(page) {
      await write(page, 'x')
      await page.keyboard.press('Control+Shift+L')
      await page.locator('.mt-dialog').waitFor()
    },
  },
  files: { act: attach },
  'files-failed': {
    async act(page) {
      await page.evaluate(() => globalThis.server.refuse('POST', /presign/))
      await page
        .locator('.chat-input__picker')
        .setInputFiles([{ name: 'waybill.pdf', mimeType: 'application/pdf', buffer: Buffer.from('a') }])
      await page.locator('.attachment-preview__item--error').waitFor()
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
  typing: {
    act: (page) =>
      page.evaluate(() => {
        const { server, openId } = globalThis
        const until = new Date(Date.now() + 60_000).toISOString()
        server.push({ type: 'typing', dialog_id: openId, user_id: 'u-boris', until }, ['u-anna'])
        server.push({ type: 'typing', dialog_id: openId, user_id: 'u-vera', until }, ['u-anna'])
      }),
  },
  jump: {
    async act(page) {
      await scrollTo(page, 0.3)
      await page.locator('button.chat-messages__quote').first().click()
      await page.locator('.chat-messages__return').waitFor()
      // Where the reader is gets known a moment after the scrolling.
      await page.waitForTimeout(300)
      await page.evaluate(() => globalThis.arrive(3))
      await page.locator('.chat-messages__to-end-count').waitFor()
    },
  },
  unread: { query: { scene: 'unread' } },
  empty: { query: { scene: 'empty' }, ready: '.mtchat-empty' },
  loading: { query: { scene: 'loading' }, ready: '.mtchat-skeleton' },
  failing: { query: { scene: 'failing' }, ready: '.mtchat-empty' },
  offline: {
    query: { scene: 'offline' },
    act: (page) => page.locator('.mtchat__banner').waitFor(),
  },
  join: { query: { scene: 'join' }, ready: '.mtchat__join-required' },
  'join-dialog': {
    query: { scene: 'join' },
    ready: '.mtchat__join-required',
    async act(page) {
      await page.locator('.mtchat__btn--primary').click()
      await page.locator('.join-dialog').waitFor()
    },
  },
  'viewer-image': {
    async act(page) {
      await page.locator('.chat-attachments__image').last().click()
      await page.locator('.file-viewer__image--loaded').waitFor()
    },
  },
  'viewer-file': {
    async act(page) {
      await scrollTo(page, 0.12)
      await page.locator('.chat-attachments__file-main').last().click()
      await page.locator('.file-viewer__other').waitFor()
    },
  },
}

/** A function that opens a playground in one of these states. `query`: theme, mode, locale and what else it knows. */
export const entering = (states) => async (page, origin, name, query) => {
  const { query: own, ready = '.chat-messages__message', act } = states[name]
  await page.goto(`${origin}?${new URLSearchParams({ ...query, ...own })}`)
  await page.locator(ready).first().waitFor()
  await settle(page)
  await act?.(page)
  await settle(page)
}

export const enter = entering(STATES)
