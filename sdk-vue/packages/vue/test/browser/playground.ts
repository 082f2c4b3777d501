import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { openPlayground } from '../../playground/browser.mjs'
import { enter } from '../../playground/states.mjs'

interface Wish {
  width?: number
  height?: number
  /** A host's page that is dark, where the playground knows one. */
  page?: string
  preset?: string
  layer?: string
  /** In a dialog of the host. */
  dialog?: string
  theme?: string
  mode?: 'full' | 'inline'
  locale?: string
  /** Pixels of the place that the chat gets; all of the window without. */
  box?: string
  /** An object that the inline chat is for. */
  object?: string
  touch?: boolean
  /** What the page asks of the browser: dark colours, reduced motion, forced colours. */
  media?: Parameters<Page['emulateMedia']>[0]
}

const HEIGHT = 720

interface Playground {
  /** Of vite, which builds it. */
  configFile?: string
  enter: typeof enter
}

/**
 * A playground (that of the chat) in a real browser, for one test file: `open` a state of it on a page that nobody has
 * been on.
 */
export function usePlayground(playground: Playground = { enter }) {
  let opened: Awaited<ReturnType<typeof openPlayground>>
  let context: BrowserContext | undefined

  beforeAll(async () => {
    opened = await openPlayground(playground.configFile)
  })
  afterAll(() => opened.close())

  async function open(
    state: string,
    { width = 1280, height = HEIGHT, media, touch = false, ...query }: Wish = {},
  ): Promise<Page> {
    await context?.close()
    context = await opened.browser.newContext({ viewport: { width, height }, hasTouch: touch })
    const page = await context.newPage()
    page.setDefaultTimeout(20_000)
    await page.emulateMedia(media)
    await playground.enter(page, opened.origin, state, { locale: 'en', ...query })
    return page
  }
  return open
}
