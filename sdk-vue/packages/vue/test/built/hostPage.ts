/** A host's page with the built package, under the strictest policy it can have, in the system's Chromium. */
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRequire } from 'node:module'
import { extname, join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'

const DIST = join(import.meta.dirname, '../../dist')
const vue = (name: string) => join(createRequire(import.meta.url).resolve('vue/package.json'), '../dist', name)
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws:; img-src 'self' blob:; worker-src 'self'"
const TYPES: Record<string, string> = { '.html': 'text/html', '.css': 'text/css' }

const CONFIG = `{
  baseUrl: location.origin, userId: 'anna', locale: 'en', userProfile: { displayName: 'Anna', company: 'North' },
  scopeConfig: { scopeLevel0: ['north'], scopeLevel1: [], scopeLevel2: [] },
}`
const WATCH = `window.violations = []
addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective + ' ' + event.blockedURI))
`
const MOUNT = `createApp({ render: () => h(MTChat, { config: ${CONFIG}, theme: 'dark' }) }).mount('#app')`
const body = (head: string) => `<!doctype html><html><head>${head}</head><body><div id="app"></div></body></html>`

const PAGES: Record<string, string> = {
  '/modules.html': body('<script type="module" src="/modules.js"></script>'),
  '/linked.html': body(
    '<link rel="stylesheet" href="/dist/style.css"><script type="module" src="/modules.js"></script>',
  ),
  '/script.html': body(
    '<script src="/vue.global.js"></script><script src="/dist/mtchat-vue.umd.cjs"></script><script defer src="/script.js"></script>',
  ),
  '/modules.js': `${WATCH}
    import { createApp, h } from '/vue.js'
    import { MTChat } from '/dist/index.js'
    ${MOUNT}`,
  '/script.js': `${WATCH}
    const { createApp, h } = Vue
    const { MTChat } = MTChatVue
    ${MOUNT}`,
}

async function contentOf(path: string): Promise<string | Buffer> {
  if (PAGES[path]) return PAGES[path]
  if (path === '/vue.js') return readFile(vue('vue.runtime.esm-browser.prod.js'))
  if (path === '/vue.global.js') return readFile(vue('vue.runtime.global.prod.js'))
  if (path.startsWith('/api/')) return '{"data":[]}'
  const text = await readFile(join(DIST, path.replace('/dist/', '')), 'utf8')
  // What a host's bundler or import map does.
  return text.replace(/from "vue"/g, 'from "/vue.js"')
}

export class HostPage {
  private constructor(
    private readonly server: Server,
    private readonly browser: Browser,
  ) {}

  static async start(): Promise<HostPage> {
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://page').pathname
      contentOf(path).then(
        (content) => {
          response.setHeader('content-type', TYPES[extname(path)] ?? 'text/javascript')
          response.setHeader('content-security-policy', POLICY)
          response.end(content)
        },
        () => response.writeHead(404).end(),
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
    return new HostPage(server, await chromium.launch({ executablePath, args: ['--no-sandbox'] }))
  }

  async stop(): Promise<void> {
    await this.browser.close()
    this.server.close()
  }

  /** Opens a page and waits for the chat; says what was asked for and what the policy refused. */
  async open(name: string) {
    const page = await this.browser.newPage()
    const requested: string[] = []
    const errors: string[] = []
    page.on('request', (request) => requested.push(new URL(request.url()).pathname))
    page.on('pageerror', (error) => errors.push(error.message))
    await page.goto(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${name}`)
    await page
      .locator('.mtchat .chat-sidebar')
      .waitFor({ timeout: 10_000 })
      .catch(async () => {
        throw new Error(`no chat on ${name}: ${errors.join('; ')}\n${await page.content()}`)
      })
    const seen = await page.evaluate(() => ({
      background: getComputedStyle(document.querySelector('.mtchat')!).backgroundColor,
      adopted: document.adoptedStyleSheets.length,
      styleElements: document.querySelectorAll('style').length,
      violations: (window as unknown as { violations: string[] }).violations,
    }))
    await page.close()
    return { ...seen, requested, errors }
  }
}
