/** Every state of the chat, narrow and light, wide and dark: what a machine can tell about how it looks and is used. */
import { describe } from 'vitest'
import { STATES } from '../../playground/states.mjs'
import { testLook } from './checks'
import { usePlayground } from './playground'

const open = usePlayground()

const looks = [
  { theme: 'light', width: 320, locale: 'ru' },
  { theme: 'dark', width: 1280, locale: 'en' },
]

describe.each(looks)('$theme, $width pixels, $locale', (look) => {
  describe.each(Object.keys(STATES))('%s', (state) => testLook(() => open(state, look)))
})
