/** Every state of the chat, narrow and light, wide and dark: what a machine can tell about how it looks and is used. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { STATES } from '../../playground/states.mjs'
import { cutTexts, overhanging, smallTargets, violations } from './checks'
import { usePlayground } from './playground'

const open = usePlayground()

const looks = [
  { theme: 'light', width: 320, locale: 'ru' },
  { theme: 'dark', width: 1280, locale: 'en' },
]

describe.each(looks)('$theme, $width pixels, $locale', (look) => {
  describe.each(Object.keys(STATES))('%s', (state) => {
    let page: Page
    beforeAll(async () => {
      page = await open(state, look)
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
  })
})
