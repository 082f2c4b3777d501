/** W45, W46: everything by keyboard, and the focus where a person expects it. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { usePlayground } from './playground'

const open = usePlayground()

/** What has the focus, by its classes or its text. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLElement
    return `${element.tagName} ${element.className} ${element.getAttribute('aria-label') ?? ''} ${element.textContent ?? ''}`
  })

/** Waits until the focus is on, or inside, an element that matches. */
const focusIn = (page: Page, selector: string) =>
  page.waitForFunction((wanted) => document.activeElement?.closest(wanted) !== null, selector)

async function press(page: Page, ...keys: string[]) {
  for (const key of keys) await page.keyboard.press(key)
}

describe('W45 the list of chats', () => {
  test('is one stop of Tab, arrows go through it, Enter opens, and the focus stays', async () => {
    const page = await open('list')
    await page.locator('.mt-tab').first().focus()
    await press(page, 'Tab')
    await focusIn(page, '.chat-sidebar__item:first-child')
    await press(page, 'ArrowDown', 'ArrowDown')
    await focusIn(page, '.chat-sidebar__item:nth-child(3)')
    await press(page, 'End')
    await focusIn(page, '.chat-sidebar__item:last-child')
    await press(page, 'Home', 'Enter')
    await page.locator('.chat-messages__message').first().waitFor()
    await focusIn(page, '.chat-sidebar__item:first-child[aria-selected="true"]')
  })

  test('the menu key opens what can be done to a chat, Escape gives the focus back', async () => {
    const page = await open('list')
    await page.locator('.chat-sidebar__item').nth(1).focus()
    await press(page, 'Shift+F10')
    await focusIn(page, '.mt-menu__item')
    await press(page, 'Escape')
    await focusIn(page, '.chat-sidebar__item:nth-child(2)')
  })

  test('in a narrow chat the focus follows into the chat and back into the list', async () => {
    const page = await open('list', { width: 480 })
    await page.locator('.chat-sidebar__item').first().focus()
    await press(page, 'Enter')
    await focusIn(page, '.mtchat__main')
    await page.locator('.chat-header__back').focus()
    await press(page, 'Enter')
    await focusIn(page, '.chat-sidebar__item')
  })
})

describe('W45 the messages', () => {
  test('are one stop of Tab, arrows go through them, Tab reaches the actions of one', async () => {
    const page = await open('chat')
    await page.locator('.chat-header__menu').focus()
    await press(page, 'Tab')
    await focusIn(page, 'article')
    await press(page, 'ArrowUp', 'ArrowUp')
    await focusIn(page, '.chat-messages__row:nth-last-child(4) article')
    await press(page, 'Home', 'ArrowDown', 'End')
    await focusIn(page, '.chat-messages__row:nth-last-child(2) article')
    await page.locator('.chat-messages__toolbar').waitFor()
    await press(page, 'Tab')
    await focusIn(page, '.chat-messages__toolbar')
  })

  test('reply goes to the field with the quoted one above it, Escape lets go of it', async () => {
    const page = await open('chat')
    await page.locator('article').last().focus()
    await press(page, 'ArrowUp')
    await page.locator('article:focus .chat-messages__toolbar').waitFor()
    await press(page, 'Tab', 'Enter')
    await focusIn(page, '.mtchat-editor__content')
    // A key in the moment in which the editor takes the place of the plain field may reach neither.
    await focusIn(page, '.ProseMirror')
    await page.locator('.chat-input__strip').waitFor()
    await press(page, 'Escape')
    await page.locator('.chat-input__strip').waitFor({ state: 'detached' })
  })

  test('the menu goes by arrows and by first letters, and gives the focus back', async () => {
    const page = await open('message-menu')
    expect(await focused(page)).toContain('Read by')
    await press(page, 'ArrowDown')
    expect(await focused(page)).toContain('Copy text')
    await press(page, 'ArrowDown', 'ArrowDown')
    expect(await focused(page)).toContain('Read by')
    await press(page, 'd')
    expect(await focused(page)).toContain('Delete')
    await press(page, 'Escape')
    expect(await focused(page)).toContain('More')
  })

  test('a question holds the focus and gives it back; what is deleted leaves it among the messages', async () => {
    const page = await open('delete')
    expect(await focused(page)).toContain('Cancel')
    await press(page, 'Tab')
    expect(await focused(page)).toContain('Delete')
    await press(page, 'Tab', 'Tab')
    expect(await focused(page)).toContain('Cancel')
    await press(page, 'Escape')
    await focusIn(page, 'article')
    await page.locator('.mt-dialog').waitFor({ state: 'detached' })
    await page.locator('article:focus .chat-messages__toolbar button').last().click()
    await focusIn(page, '.mt-menu__item')
    await press(page, 'd', 'Enter')
    await focusIn(page, '.mt-dialog')
    await press(page, 'Tab', 'Enter')
    await focusIn(page, '.chat-messages__view')
  })
})

describe('W45 the panel about a chat', () => {
  test('that lies over the chat takes the focus, hides what is behind, and gives the focus back', async () => {
    const page = await open('chat', { mode: 'inline', width: 480 })
    await page.locator('.chat-header__title').focus()
    await press(page, 'Enter')
    await focusIn(page, '.chat-info-panel')
    expect(await page.locator('.mtchat__main').getAttribute('inert')).not.toBeNull()
    await press(page, 'Escape')
    await focusIn(page, '.chat-header__title')
    expect(await page.locator('.mtchat__main').getAttribute('inert')).toBeNull()
  })

  test('beside the chat leaves the focus where it is', async () => {
    const page = await open('chat')
    await page.locator('.chat-header__title').focus()
    await press(page, 'Enter')
    await page.locator('.chat-info-panel').waitFor()
    await focusIn(page, '.chat-header__title')
  })
})

describe('W44 what takes a chat away', () => {
  test('archiving can be undone, and the focus is not lost', async () => {
    const page = await open('chat')
    await page.locator('.chat-header__menu').focus()
    await press(page, 'Enter')
    await page.locator('.mt-menu__item').first().waitFor()
    await press(page, 'a', 'Enter')
    await page.locator('.mtchat__placeholder').waitFor()
    await focusIn(page, '.chat-sidebar__item')
    await page.getByRole('button', { name: 'Undo' }).focus()
    await press(page, 'Enter')
    await page.getByRole('option', { name: /Shipment 2071/ }).waitFor()
  })

  test('leaving asks first, and the focus is not lost', async () => {
    const page = await open('leave')
    await press(page, 'Tab', 'Enter')
    await page.locator('.mtchat__placeholder').waitFor()
    await focusIn(page, '.chat-sidebar__item')
  })
})

describe('W46 shortcuts', () => {
  test('are the host’s own outside the chat', async () => {
    const page = await open('chat')
    await page.evaluate(() => {
      const field = document.createElement('input')
      field.id = 'host'
      document.body.append(field)
      field.focus()
    })
    await press(page, 'Control+k', 'Escape')
    await focusIn(page, '#host')
  })

  test('the actions of a message come with a touch', async () => {
    const page = await open('chat', { width: 480, touch: true })
    await page
      .locator('article')
      .last()
      .tap({ position: { x: 80, y: 8 } })
    await page.locator('article .chat-messages__toolbar').waitFor()
  })
})
