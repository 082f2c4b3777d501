/** `test` with what every story needs: a server, people, and tabs of theirs. */
import { expect, test as base, type BrowserContext } from '@playwright/test'
import type { HostOptions } from '../host/options'
import { ChatPage } from './chatPage'
import { ChatServer, type Settings } from './server'
import { Site } from './site'
import { World, type Person } from './world'

export interface OpenOptions extends Partial<Omit<HostOptions, 'config'>> {
  config?: Partial<HostOptions['config']>
}

/** Opens the chat as somebody: a second call for the same person is another tab of the same browser. */
export type Open = (person: Person, options?: OpenOptions) => Promise<ChatPage>

interface TestFixtures {
  world: World
  open: Open
}

interface WorkerFixtures {
  /** Other than usual, for all stories of a file: `test.use({ settings })`. They run on a server of their own. */
  settings: Settings
  server: ChatServer
  site: Site
}

export function hostOptions(server: ChatServer, person: Person, options: OpenOptions): HostOptions {
  const { config, ...rest } = options
  return {
    ...rest,
    config: {
      baseUrl: server.url,
      userId: person.id,
      scopeConfig: person.scopes,
      userProfile: { displayName: person.name, company: person.company, email: person.email, phone: person.phone },
      locale: 'en',
      ...config,
    },
  }
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  settings: [{}, { option: true, scope: 'worker' }],
  server: [
    async ({ settings }, use) => {
      const server = await ChatServer.launch(undefined, settings)
      await use(server)
      await server.dispose()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  site: [
    async ({ server }, use) => {
      const site = await Site.launch(server.url)
      await use(site)
      await site.dispose()
    },
    { scope: 'worker' },
  ],
  world: async ({ server }, use, { testId, retry }) => {
    await use(new World(server, `${testId.slice(-6)}${retry || ''}`))
  },
  open: async ({ browser, server, site, contextOptions }, use) => {
    const contexts = new Map<string, BrowserContext>()
    const pages: ChatPage[] = []
    const crashes: Error[] = []
    await use(async (person, options = {}) => {
      const context = contexts.get(person.id) ?? (await browser.newContext(contextOptions))
      contexts.set(person.id, context)
      const page = await context.newPage()
      page.on('pageerror', (error) => crashes.push(error))
      await page.goto(`${site.url}/#${encodeURIComponent(JSON.stringify(hostOptions(server, person, options)))}`)
      const chat = new ChatPage(page)
      pages.push(chat)
      return chat.ready()
    })
    // Whatever the story was: nothing was thrown past us and nothing broke the host's policy.
    expect(crashes).toEqual([])
    for (const { page } of pages) {
      if (!page.isClosed()) expect(await page.evaluate(() => window.host.violations)).toEqual([])
    }
    await Promise.all([...contexts.values()].map((context) => context.close()))
  },
})

export { expect }
