/** W10, W12, W48 and the layout: themes, what the host sets, and how the chat fits into its place. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { usePlayground } from './playground'

const open = usePlayground()

const WHITE = 'rgb(255, 255, 255)'
const DARK = 'rgb(30, 30, 30)'

const styleOf = (page: Page, selector: string, name: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((element, property) => getComputedStyle(element).getPropertyValue(property), name)

describe('W12 teleported parts', () => {
  test.each([
    ['message-menu', '.mt-menu'],
    ['row-menu', '.mt-menu'],
    ['leave', '.mt-dialog__panel'],
    ['mentions', '.mtchat-mentions'],
  ])('%s is dark in the dark theme and has the host’s font', async (state, part) => {
    const page = await open(state, { theme: 'dark' })
    expect(await styleOf(page, part, 'background-color')).toBe(DARK)
    expect(await styleOf(page, part, 'font-family')).toBe(await styleOf(page, '.mtchat', 'font-family'))
  })

  test('take the variables of a theme of the host', async () => {
    const page = await open('chat', { theme: 'brand' })
    await page.addStyleTag({
      content: '.mtchat--brand { --mtchat-bg: rgb(1, 2, 3); --mtchat-text: rgb(250, 251, 252) }',
    })
    await page.locator('.chat-header__menu').click()
    await page.locator('.mt-menu__item').first().waitFor()
    expect(await styleOf(page, '.mt-menu', 'background-color')).toBe('rgb(1, 2, 3)')
    expect(await styleOf(page, '.mt-menu__item', 'color')).toBe('rgb(250, 251, 252)')
  })
})

describe('variables', () => {
  test('of the host win, even from a sheet that comes before ours and weighs least', async () => {
    const page = await open('chat', { theme: 'dark' })
    await page.evaluate(() => {
      const style = document.createElement('style')
      style.textContent = '.mtchat { --mtchat-bg: rgb(9, 9, 9) }'
      document.head.prepend(style)
    })
    expect(await styleOf(page, '.mtchat', 'background-color')).toBe('rgb(9, 9, 9)')
  })

  test('of the automatic theme follow what the person prefers, while they look', async () => {
    const page = await open('chat', { theme: 'auto' })
    expect(await styleOf(page, '.mtchat', 'background-color')).toBe(WHITE)
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await styleOf(page, '.mtchat', 'background-color')).toBe(DARK)
    await page.locator('.chat-header__menu').click()
    await page.locator('.mt-menu__item').first().waitFor()
    expect(await styleOf(page, '.mt-menu', 'background-color')).toBe(DARK)
  })
})

describe('W48 what a person asks of the system', () => {
  test('reduced motion: nothing moves longer than an instant', async () => {
    const page = await open('loading', { media: { reducedMotion: 'reduce' } })
    const moving = await page.evaluate(() =>
      document.getAnimations().filter((animation) => {
        const { duration = 0, iterations = 1 } = animation.effect?.getComputedTiming() ?? {}
        return Number(duration) > 1 || iterations > 1
      }),
    )
    expect(moving).toEqual([])
  })

  test('forced colours: what is chosen and where the focus is can still be seen', async () => {
    const page = await open('chat', { media: { forcedColors: 'active' } })
    expect(await styleOf(page, '.chat-sidebar__item[aria-selected=true]', 'outline-style')).toBe('solid')
    await page.locator('.chat-sidebar__search input').focus()
    expect(await styleOf(page, '.chat-sidebar__search', 'outline-style')).toBe('solid')
  })

  test('text twice as large: nothing sticks out sideways', async () => {
    // 200 % zoom of a window of 640 is a window of 320.
    const page = await open('chat', { width: 320 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  })
})

describe('the width of the chat itself decides', () => {
  test.each([
    [320, 'mobile', 1],
    [767, 'mobile', 1],
    [768, 'tablet', 2],
    [1199, 'tablet', 2],
    [1200, 'desktop', 2],
  ])('%i pixels: %s', async (width, size, columns) => {
    const page = await open('chat', { width: 1400, box: String(width) })
    const root = page.locator('.mtchat')
    await page.waitForFunction((name) => document.querySelector(`.mtchat--${name}`) !== null, size)
    expect(await root.evaluate((element) => element.clientWidth)).toBe(width)
    const shown = await page.locator('.chat-sidebar, .mtchat__main').evaluateAll((parts) => {
      return parts.filter((part) => part.checkVisibility()).length
    })
    expect(shown).toBe(columns)
    expect(await page.locator('.chat-header__back').count()).toBe(size === 'mobile' ? 1 : 0)
  })

  test('a tablet shows the panel in place of the list, and a chevron to close it', async () => {
    const page = await open('info', { width: 900 })
    expect(await page.locator('.chat-sidebar').isVisible()).toBe(false)
    expect(await page.locator('.mtchat__info-panel').evaluate((panel) => panel.clientWidth)).toBe(319)
    await page.locator('.chat-header__back').click()
    await page.locator('.chat-sidebar').waitFor()
  })

  test('a desktop has three columns of the documented widths', async () => {
    const page = await open('info', { width: 1400 })
    const widths = await page
      .locator('.chat-sidebar, .mtchat__info-panel')
      .evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().width))
    expect(widths).toEqual([280, 300])
  })
})

describe('W10 inline in a narrow place', () => {
  test.each([320, 360, 480])('%i pixels: the chat, no way back to a list that is not there', async (width) => {
    const page = await open('chat', { mode: 'inline', width })
    expect(await page.locator('.chat-header__back').count()).toBe(0)
    expect(await page.locator('.mtchat-editor').isVisible()).toBe(true)
    await page.locator('.chat-header__title').click()
    await page.locator('.chat-info-panel .mt-button').first().click()
    await page.locator('.chat-info-panel').waitFor({ state: 'detached' })
    expect(await page.locator('.chat-messages__message').last().isVisible()).toBe(true)
  })

  test('without a chat says so, with a word on what comes next', async () => {
    const page = await open('empty', { mode: 'inline', width: 360, object: 'none' })
    expect(await page.locator('.mtchat__placeholder').innerText()).toContain('No chat yet')
  })
})

describe('nothing jumps', () => {
  test('a picture has its place before it is there', async () => {
    const page = await open('chat')
    const size = () =>
      page
        .locator('.chat-attachments__image')
        .last()
        .evaluate((tile) => [tile.clientWidth, tile.clientHeight])
    const before = await size()
    await page
      .locator('.chat-attachments__image img')
      .last()
      .evaluate((image: HTMLImageElement) => {
        image.removeAttribute('src')
      })
    expect(await size()).toEqual(before)
  })

  test('the field starts as one line and grows to a quarter of the window', async () => {
    const page = await open('chat')
    const height = () => page.locator('.mtchat-editor').evaluate((editor) => editor.clientHeight)
    expect(await height()).toBeLessThanOrEqual(46)
    expect(await page.locator('.mtchat-editor__bar').count()).toBe(0)
    await page.locator('.mtchat-editor__content').click()
    await page.locator('.ProseMirror').waitFor()
    for (let line = 0; line < 15; line++) {
      await page.keyboard.type('line')
      await page.keyboard.press('Shift+Enter')
    }
    expect(await page.locator('.mtchat-editor__content').evaluate((field) => field.clientHeight)).toBe(720 / 4)
  })
})
