/** What a machine can tell about how a page looks and is used, as readable lines; [] when nothing is wrong. */
import { createRequire } from 'node:module'
import type * as Axe from 'axe-core'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'

const axePath = createRequire(import.meta.url).resolve('axe-core')

/** About the page around the chat, which is the host's. */
const OF_THE_PAGE = ['region', 'landmark-one-main', 'page-has-heading-one', 'bypass']

export async function violations(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: axePath })
  return page.evaluate(async (disabled) => {
    const axe = (globalThis as unknown as { axe: typeof Axe }).axe
    const { violations: found } = await axe.run(document, {
      rules: Object.fromEntries(disabled.map((id) => [id, { enabled: false }])),
    })
    return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`))
  }, OF_THE_PAGE)
}

/** Things to press that are smaller than 24 by 24 pixels. A link inside a text may be. */
export const smallTargets = (page: Page) =>
  page.evaluate(() => {
    const SELECTOR = 'button, a[href], input, [role=option], [role=menuitem], [role=tab]'
    return [...document.querySelectorAll(SELECTOR)]
      .filter((element) => element.checkVisibility() && !element.closest('.mtchat-html'))
      .map((element) => ({ element, box: (element.closest('label') ?? element).getBoundingClientRect() }))
      .filter(({ box }) => box.width < 24 || box.height < 24)
      .map(({ element, box }) => `${element.outerHTML.slice(0, 120)} ${box.width} × ${box.height}`)
  })

/** Elements that stick out of the window sideways. */
export const overhanging = (page: Page) =>
  page.evaluate(() => {
    const isClipped = (element: Element) => {
      for (let node = element.parentElement; node; node = node.parentElement) {
        if (getComputedStyle(node).overflowX !== 'visible' && node.getBoundingClientRect().right <= innerWidth)
          return true
      }
      return false
    }
    return [...document.querySelectorAll('.mtchat *, .mtchat-portal *')]
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().width > 1)
      .filter((element) => {
        const { left, right } = element.getBoundingClientRect()
        return (right > innerWidth + 0.5 || left < -0.5) && !isClipped(element)
      })
      .map((element) => element.outerHTML.slice(0, 120))
  })

/** Texts of controls that do not fit and say so by no ellipsis. */
export const cutTexts = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('.mtchat button, .mtchat-portal button, .mtchat h2, .mtchat p, .mtchat time')]
      .filter((element) => element.checkVisibility() && element.textContent?.trim())
      .filter((element) => {
        const style = getComputedStyle(element)
        return style.overflowX !== 'visible' && style.textOverflow !== 'ellipsis'
          ? element.scrollWidth > element.clientWidth + 1
          : false
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  )

/** The tests of one state of the screen, which is opened once for all of them. */
export function testLook(open: () => Promise<Page>) {
  let page: Page
  beforeAll(async () => {
    page = await open()
  })

  test('W49 axe finds nothing', async () => {
    expect(await violations(page)).toEqual([])
  })

  test('W48 what can be pressed is at least 24 pixels wide and high', async () => {
    expect(await smallTargets(page)).toEqual([])
  })

  test('nothing sticks out or is cut', async () => {
    expect(await overhanging(page)).toEqual([])
    expect(await cutTexts(page)).toEqual([])
  })
}
