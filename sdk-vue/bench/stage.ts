/** Tabs for measuring. */
import type { Browser, BrowserContext, Page } from '@playwright/test'
import { ChatPage } from '../e2e/support/chatPage'
import type { ChatServer } from '../e2e/support/server'
import type { Site } from '../e2e/support/site'
import { hostOptions, type OpenOptions } from '../e2e/support/test'
import type { Person, World } from '../e2e/support/world'

export class Stage {
  constructor(
    readonly server: ChatServer,
    readonly site: Site,
    readonly browser: Browser,
    readonly world: World,
  ) {}

  newContext(): Promise<BrowserContext> {
    return this.browser.newContext({ viewport: { width: 1280, height: 720 } })
  }

  address(person: Person, options: OpenOptions = {}): string {
    return `${this.site.url}/#${encodeURIComponent(JSON.stringify(hostOptions(this.server, person, options)))}`
  }

  async open(person: Person, options: OpenOptions = {}, context?: BrowserContext): Promise<ChatPage> {
    const page = await (context ?? (await this.newContext())).newPage()
    await page.goto(this.address(person, options))
    return new ChatPage(page).ready()
  }
}

export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

export const ms = (value: number) => `${value.toFixed(1)} ms`
export const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} KB`

/** Counts the calls of the interface; a preflight is the browser's own. */
export class Calls {
  readonly made: string[] = []
  private lastAt = Date.now()

  constructor(private readonly page: Page) {
    page.on('request', (request) => {
      if (!request.url().includes('/api/v1/') || request.method() === 'OPTIONS') return
      this.made.push(`${request.method()} ${new URL(request.url()).pathname}`)
      this.lastAt = Date.now()
    })
  }

  /** How many an action makes, until nothing has been asked for a while. */
  async of(action: () => Promise<unknown>): Promise<number> {
    const before = this.made.length
    await action()
    this.lastAt = Date.now()
    do await this.page.waitForTimeout(100)
    while (Date.now() - this.lastAt < QUIET_MS)
    return this.made.length - before
  }
}

/** Reads are told after half a second, lists looked at again after a fifth. */
const QUIET_MS = 1_200
