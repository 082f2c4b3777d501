/** The chat in a page with PrimeVue, in a real browser: what is painted, where menus and dialogs stand, who has the focus. */
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { testLook, violations } from '../../../vue/test/browser/checks'
import { usePlayground } from '../../../vue/test/browser/playground'
import { enter, STATES } from '../../playground/states.mjs'

const configFile = fileURLToPath(new URL('../../playground/vite.config.mjs', import.meta.url))
const open = usePlayground({ configFile, enter })

const styleOf = (page: Page, selector: string, name: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((element, property) => getComputedStyle(element).getPropertyValue(property), name)

const background = (page: Page, selector: string) => styleOf(page, selector, 'background-color')

/** A variable of PrimeVue as the page has it, in the browser's words. */
const colour = (page: Page, name: string) =>
  page.evaluate((variable) => {
    const probe = document.body.appendChild(document.createElement('i'))
    probe.style.color = `var(${variable})`
    const { color } = getComputedStyle(probe)
    probe.remove()
    return color
  }, name)

/** Each state in one light and one dark look; what is seen most in the two others as well. */
const MOST_SEEN = ['chat', 'header-menu', 'row-menu', 'leave', 'join-dialog']
const looks = [
  { page: 'light', width: 320, mode: 'inline', states: Object.keys(STATES) },
  { page: 'dark', width: 1280, mode: 'full', states: Object.keys(STATES) },
  { page: 'light', width: 1280, mode: 'full', states: MOST_SEEN },
  { page: 'dark', width: 480, mode: 'inline', states: MOST_SEEN },
] as const

describe.each(looks)('$page, $mode, $width pixels', ({ states, ...look }) => {
  const names = states.filter((name) => look.mode === 'full' || STATES[name]?.only !== 'full')

  describe.each(names)('%s', (state) => testLook(() => open(state, look)))
})

describe('the theme', () => {
  test.each([
    ['light', '--p-surface-0'],
    ['dark', '--p-surface-900'],
  ])('on a %s page the chat has its colours, also in menus and dialogs', async (shade, ground) => {
    const page = await open('header-menu', { page: shade })
    const expected = await colour(page, ground)
    expect(await background(page, '.mtchat')).toBe(expected)
    expect(await background(page, '.p-menu')).toBe(expected)
    await page.getByRole('menuitem').last().click()
    await page.getByRole('dialog').waitFor()
    expect(await background(page, '.p-dialog')).toBe(expected)
    expect(await styleOf(page, '.p-dialog', 'font-family')).toBe(await styleOf(page, '.mtchat', 'font-family'))
  })

  test('every part has the host’s font', async () => {
    const page = await open('join-dialog')
    const family = await styleOf(page, 'body', 'font-family')
    const others = await page
      .locator('.mtchat *, .mtchat-portal *')
      .evaluateAll(
        (parts, expected) =>
          parts
            .filter((part) => part.checkVisibility() && getComputedStyle(part).fontFamily !== expected)
            .map(({ outerHTML }) => outerHTML.slice(0, 100)),
        family,
      )
    expect(others).toEqual([])
  })

  test('follows the page while one looks', async () => {
    const page = await open('chat')
    await page.evaluate(() => document.documentElement.classList.add('dark-mode'))
    await page.locator('.mtchat--dark').waitFor()
    expect(await background(page, '.mtchat')).toBe(await colour(page, '--p-surface-900'))
  })

  test.each([
    ['light', 'dark', '--p-surface-0', '--p-surface-700'],
    ['dark', 'light', '--p-surface-900', '--p-surface-0'],
  ])('a %s chat on a %s page is readable, its parts of PrimeVue too', async (theme, shade, ground, ink) => {
    const page = await open('leave', { theme, page: shade })
    expect(await background(page, '.p-dialog')).toBe(await colour(page, ground))
    expect(await styleOf(page, '.p-dialog', 'color')).toBe(await colour(page, ink))
    expect(await violations(page)).toEqual([])
  })

  test('auto follows what the person prefers, whatever the page', async () => {
    const page = await open('row-menu', { theme: 'auto', media: { colorScheme: 'dark' } })
    expect(await background(page, '.mtchat')).toBe(await colour(page, '--p-surface-900'))
    expect(await background(page, '.p-contextmenu')).toBe(await colour(page, '--p-surface-900'))
    expect(await violations(page)).toEqual([])
    await page.emulateMedia({ colorScheme: 'light' })
    expect(await background(page, '.mtchat')).toBe(await colour(page, '--p-surface-0'))
  })

  test('what a host sets on .mtchat-prime reaches the chat, its buttons and what is teleported', async () => {
    const page = await open('chat')
    await page.evaluate(() => {
      const style = document.createElement('style')
      style.textContent = '.mtchat-prime { --mtchat-bg: rgb(1, 2, 3); --mtchat-danger: rgb(4, 5, 6) }'
      document.head.prepend(style)
    })
    expect(await background(page, '.mtchat')).toBe('rgb(1, 2, 3)')
    await page.locator('.chat-header__menu').click()
    expect(await background(page, '.p-menu')).toBe('rgb(1, 2, 3)')
    await page.getByRole('menuitem').last().click()
    await page.getByRole('dialog').waitFor()
    expect(await background(page, '.p-dialog .p-button-danger')).toBe('rgb(4, 5, 6)')
  })

  test.each(['lara', 'nora', 'material'])('the preset %s has enough contrast too', async (preset) => {
    for (const shade of ['light', 'dark']) {
      expect(await violations(await open('join-dialog', { preset, page: shade }))).toEqual([])
    }
  })

  test('what opens has its colours from the first moment', async () => {
    const page = await open('join', { page: 'light' })
    await page.evaluate(() => {
      const seen: string[] = []
      Object.assign(globalThis, { seen })
      const look = () => {
        const button = document.querySelector('.p-dialog .mtchat-button--primary')
        if (button) seen.push(getComputedStyle(button).backgroundColor)
        requestAnimationFrame(look)
      }
      look()
    })
    await page.locator('.mtchat__btn--primary').click()
    await page.getByRole('dialog').waitFor()
    await page.waitForTimeout(400)
    const seen = await page.evaluate(() => [...new Set((globalThis as unknown as { seen: string[] }).seen)])
    expect(seen).toEqual([await background(page, '.mtchat__btn--primary')])
  })

  test('PrimeVue’s styles may be in a cascade layer', async () => {
    const layered = await open('join-dialog', { layer: '1' })
    const looksOf = (page: Page) =>
      page.locator('.p-dialog .p-button, .p-tab, .p-accordionheader, .p-inputtext').evaluateAll((parts) =>
        parts.map((part) => {
          const { backgroundColor, color, padding, borderColor, font } = getComputedStyle(part)
          return [part.className, backgroundColor, color, padding, borderColor, font]
        }),
      )
    const inLayer = await looksOf(layered)
    expect(inLayer.length).toBeGreaterThan(5)
    expect(inLayer).toEqual(await looksOf(await open('join-dialog')))
  })
})

describe('what opens', () => {
  test('the spinner has the colour of the chat', async () => {
    const page = await open('chat')
    await page.evaluate(() =>
      document.querySelector('.mtchat')?.insertAdjacentHTML('beforeend', '<b class="probe">x</b>'),
    )
    const primary = await styleOf(page, '.mtchat', '--mtchat-primary')
    for (const name of ['one', 'two', 'three', 'four']) {
      expect(await styleOf(page, '.probe', `--p-progressspinner-color-${name}`)).toBe(primary)
    }
  })

  test('a menu at the edge stays inside of the window, and goes with Escape', async () => {
    const page = await open('header-menu', { mode: 'inline', width: 320 })
    const box = await page.locator('.p-menu').boundingBox()
    expect(box!.x).toBeGreaterThanOrEqual(0)
    expect(box!.x + box!.width).toBeLessThanOrEqual(320)
    await page.keyboard.press('Escape')
    await page.locator('.p-menu').waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement?.classList.contains('chat-header__menu'))).toBe(true)
  })

  test('a dialog has the focus where the chat recommends it, after its entrance as well', async () => {
    const page = await open('leave')
    await page.waitForTimeout(400)
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Cancel')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement?.classList.contains('chat-header__menu'))).toBe(true)
  })

  test('the address of a link can be written at once', async () => {
    const page = await open('link')
    await page.waitForTimeout(400)
    await page.keyboard.type('host.example')
    expect(await page.getByRole('dialog').getByRole('textbox').inputValue()).toContain('host.example')
  })

  test('a tooltip tells what a button does, without a directive of the host', async () => {
    const page = await open('chat')
    await page.locator('.chat-header__menu').hover()
    const tooltip = page.getByRole('tooltip')
    await tooltip.waitFor()
    expect(await tooltip.innerText()).toBe('Chat menu')
    expect(await violations(page)).toEqual([])
  })

  test('the archive takes half of the list at most, and scrolls', async () => {
    const page = await open('archived', { height: 360 })
    const share = await page.locator('.chat-sidebar__archived').evaluate((section) => {
      const rows = section.querySelector('.chat-sidebar__list')!
      const whole = section.closest('.chat-sidebar')!.clientHeight
      return { part: section.clientHeight / whole, scrolls: rows.scrollHeight > rows.clientHeight }
    })
    expect(share.part).toBeLessThanOrEqual(0.5)
    expect(share.scrolls).toBe(true)
  })
})

describe('in a dialog of the host', () => {
  const isOnTop = (page: Page, selector: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((element) => {
        const { left, top, width, height } = element.getBoundingClientRect()
        return element.contains(document.elementFromPoint(left + width / 2, top + height / 2))
      })

  test.each([
    ['header-menu', '.p-menu-item'],
    ['header-menu-host', '.mt-menu__item'],
    ['message-menu', '.p-menu-item'],
    ['mentions', '.mtchat-mentions__item'],
    ['leave', '.mtchat-dialog .p-button'],
    ['viewer-file', '.file-viewer__other'],
  ])('%s is over it', async (state, part) => {
    const page = await open(state, { dialog: '1', mode: 'inline' })
    expect(await isOnTop(page, part)).toBe(true)
  })

  test.each([
    ['header-menu', '.p-menu'],
    ['leave', '.mtchat-dialog'],
  ])('Escape closes the chat’s %s, and not the host’s dialog', async (state, part) => {
    const page = await open(state, { dialog: '1', mode: 'inline' })
    await page.keyboard.press('Escape')
    await page.locator(part).waitFor({ state: 'detached' })
    await page.waitForTimeout(300)
    expect(await page.locator('.p-dialog.of-the-host').isVisible()).toBe(true)
    expect(await page.evaluate(() => document.activeElement?.classList.contains('chat-header__menu'))).toBe(true)
  })
})
