/** One tab with the chat in it, by what a person sees and does. */
import { expect, type BrowserContext, type Locator, type Page } from '@playwright/test'
import type { HostOptions, HostWindow } from '../host/options'

declare global {
  interface Window {
    host: HostWindow
  }
}

export class ChatPage {
  readonly root: Locator
  readonly list: Locator
  readonly header: Locator
  readonly feed: Locator
  /** The field one writes into, plain or rich. */
  readonly field: Locator
  readonly dialogBox: Locator
  readonly menu: Locator
  readonly viewer: Locator

  constructor(readonly page: Page) {
    this.root = page.locator('.mtchat')
    this.list = page.getByRole('complementary', { name: 'Chats' })
    this.header = page.locator('.chat-header')
    this.feed = page.getByRole('feed')
    this.field = page.locator('.chat-input').getByRole('textbox')
    this.dialogBox = page.getByRole('dialog')
    this.menu = page.getByRole('menu')
    this.viewer = page.getByRole('dialog', { name: 'File viewer' })
  }

  get context(): BrowserContext {
    return this.page.context()
  }

  /** The chat is there and talks to the server. */
  async ready(): Promise<this> {
    await expect(this.root).toBeVisible()
    await expect.poll(async () => (await this.told('connected')).length).toBeGreaterThan(0)
    return this
  }

  /** Rows of all lists, or those with a text. */
  row(title?: string): Locator {
    const rows = this.list.getByRole('option')
    return title === undefined ? rows : rows.filter({ hasText: title })
  }

  unreadOf(title: string): Locator {
    return this.row(title).locator('.chat-sidebar__unread [aria-hidden]')
  }

  async choose(title: string): Promise<void> {
    await this.row(title).click()
    await expect(this.header).toContainText(title)
  }

  /** A message with this very text. */
  message(text: string): Locator {
    return this.feed.getByRole('article').filter({ has: this.page.getByText(text, { exact: true }) })
  }

  quoteIn(message: Locator): Locator {
    return message.locator('.chat-messages__quote')
  }

  /** Writes without sending. */
  async write(text: string): Promise<void> {
    await this.field.click()
    // The rich field takes the place of the plain one on focus.
    await expect(this.page.locator('.chat-input [contenteditable=true]')).toBeFocused()
    await this.page.keyboard.insertText(text)
  }

  async send(text: string): Promise<void> {
    await this.write(text)
    await this.page.keyboard.press('Enter')
  }

  /** Sends and waits until the server has it. */
  async sendSurely(text: string): Promise<void> {
    await this.send(text)
    await expect(this.message(text)).toBeVisible()
    await expect(this.message(text)).not.toHaveClass(/--pending/)
  }

  async act(message: Locator, action: 'Reply' | 'Edit' | 'Copy text'): Promise<void> {
    await message.hover()
    await message.getByRole('toolbar').getByRole('button', { name: action }).click()
  }

  /** Begins to edit an own message and writes at its end. */
  async extend(text: string, more: string): Promise<void> {
    await this.act(this.message(text), 'Edit')
    await expect(this.field).toHaveText(text)
    await expect(this.field).toBeFocused()
    await this.page.keyboard.press('End')
    await this.page.keyboard.insertText(more)
  }

  /** An item of the menu behind the three dots of an own message. */
  async actFromMenu(message: Locator, action: string): Promise<void> {
    await message.hover()
    await message.getByRole('toolbar').getByRole('button', { name: 'More' }).click()
    await this.menu.getByRole('menuitem', { name: action }).click()
  }

  async chatMenu(action: string): Promise<void> {
    await this.header.getByRole('button', { name: 'Chat menu' }).click()
    await this.menu.getByRole('menuitem', { name: action, exact: true }).click()
  }

  async rowMenu(title: string, action: string): Promise<void> {
    await this.row(title).click({ button: 'right' })
    await this.menu.getByRole('menuitem', { name: action, exact: true }).click()
  }

  /** Picks files as the dialog of the operating system would. */
  async attach(...files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
    await this.page.locator('.chat-input__picker').setInputFiles(files)
  }

  /** Pixels from the bottom of what is seen to the end of the messages. */
  distanceToEnd(): Promise<number> {
    return this.feed.evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)
  }

  /** Scrolls as a wheel does, step by step, until something is so. */
  async wheelUntil(by: number, done: () => Promise<boolean>): Promise<void> {
    await this.feed.hover()
    await expect
      .poll(
        async () => {
          if (await done()) return true
          await this.page.mouse.wheel(0, by)
          return false
        },
        { timeout: 25_000, intervals: [30] },
      )
      .toBe(true)
  }

  /** What the chat told its host: payloads of the events with this name. */
  told(name: string): Promise<unknown[]> {
    return this.page.evaluate(
      (wanted) => window.host.events.filter(([event]) => event === wanted).map(([, payload]) => payload),
      name,
    )
  }

  /** The host changes what it mounted. */
  async change(change: Partial<HostOptions>): Promise<void> {
    await this.page.evaluate((changed) => void Object.assign(window.host.options, changed), change)
  }

  /** The browser finds the network again: what waits for its next try takes it now. */
  async wake(): Promise<void> {
    await this.page.evaluate(() => void window.dispatchEvent(new Event('online')))
  }

  /** The tab goes to the background, as far as the page can tell, or comes back. */
  async hide(hidden: boolean): Promise<void> {
    await this.page.evaluate((isHidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden })
      Object.defineProperty(document, 'visibilityState', {
        configurable: true,
        get: () => (isHidden ? 'hidden' : 'visible'),
      })
      document.dispatchEvent(new Event('visibilitychange'))
    }, hidden)
  }
}
