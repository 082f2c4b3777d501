/** W34: whoever is at the end of a chat stays there, whatever grows. */
import { test } from 'vitest'
import { usePlayground } from './playground'

const open = usePlayground()

test('a message that grows after the list has gone to its end does not leave the reader above it', async () => {
  const page = await open('chat')
  await page.locator('.chat-messages__view').evaluate((view) => {
    const last = [...view.querySelectorAll<HTMLElement>('.chat-messages__row')].at(-1)!
    const grow = (pixels: number) => (last.style.minHeight = `${pixels}px`)
    // The browser tells of a scroll a frame later, and the list hears of it after this.
    view.addEventListener('scroll', () => grow(500), { capture: true, once: true })
    grow(100)
  })
  await page.waitForFunction(() => {
    const { scrollHeight, clientHeight, scrollTop } = document.querySelector('.chat-messages__view')!
    const grown = [...document.querySelectorAll<HTMLElement>('.chat-messages__row')].at(-1)!.style.minHeight
    return grown === '500px' && scrollHeight - clientHeight - scrollTop <= 1
  })
})
