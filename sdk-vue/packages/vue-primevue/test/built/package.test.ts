/** The built package, as a host gets it. `npm run build` first. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { chromium } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import manifest from '../../package.json'

const root = join(import.meta.dirname, '../..')
const require = createRequire(import.meta.url)
const dist = (name = '') => join(root, 'dist', name)
const scripts = readdirSync(dist(), { recursive: true, encoding: 'utf8' }).filter((name) => /\.c?js$/.test(name))

/** Every path that package.json names. */
function pathsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('./') ? [value] : []
  return Object.values((value ?? {}) as object).flatMap(pathsIn)
}

test('the package has everything that its description promises', () => {
  const { main, module, types, exports } = manifest
  const empty = pathsIn({ main, module, types, exports }).filter((path) => !readFileSync(join(root, path), 'utf8'))
  expect(empty).toEqual([])
  expect(require.resolve('@mtchat/vue-primevue/style.css')).toBe(dist('style.css'))
  expect(require.resolve('@mtchat/vue-primevue/theme/aura.css')).toBe(dist('style.css'))
})

describe('what the host has already is not brought again', () => {
  test('no module but its own', () => {
    expect(scripts.filter((name) => /node_modules|vendor|primevue\/|primeuix/.test(name))).toEqual([])
  })

  test('PrimeVue, the chat and Vue are imported by name', () => {
    const imported = scripts.flatMap((name) =>
      [...readFileSync(dist(name), 'utf8').matchAll(/from ['"]([^.'"][^'"]*)['"]/g)].map(([, target]) => target ?? ''),
    )
    expect([...new Set(imported)].filter((name) => !/^(vue|@mtchat\/vue|primevue\/[a-z]+)$/.test(name))).toEqual([])
    expect(imported).toContain('primevue/tag')
  })

  test('the script has none of their code', () => {
    const script = readFileSync(dist('mtchat-vue-primevue.umd.cjs'), 'utf8')
    expect(script.match(/BaseComponent|BaseStyle|ProseMirror|createVNode=|defineCustomElement/g)).toBeNull()
    expect(script).toContain('PrimeVue.Tag')
  })
})

describe('W16 in Node, without a browser', () => {
  const run = (...args: string[]) => execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }).trim()

  test('it can be imported, with everything of @mtchat/vue', () => {
    const names =
      `MTChatPrime primevueRegistry PrimeButton PrimeDialog PrimeMenu PrimeContextMenu PrimeInput PrimeCheckbox
      PrimeRadioButton PrimeTabs PrimeTab PrimeAccordion PrimeAccordionPanel PrimeTag PrimeSpinner MTChat FileViewer Icon
      provideRegistry useRegistry useChat useFileUpload MTChatClient MTChatApi MTChatWebSocket getAttachmentType
      isAllowedFileType isValidFileSize formatFileSize ATTACHMENT_LIMITS`.split(/\s+/)
    const script = `const all = await import('@mtchat/vue-primevue')
      console.log(JSON.stringify(${JSON.stringify(names)}.filter((name) => all[name] === undefined)))`
    expect(JSON.parse(run('--input-type=module', '-e', script))).toEqual([])
  })

  test('it renders on a server', () => {
    const script = `import { createSSRApp, h } from 'vue'
      import { renderToString } from 'vue/server-renderer'
      import PrimeVue from 'primevue/config'
      import { MTChatPrime } from '@mtchat/vue-primevue'
      const config = { baseUrl: 'https://chat.example', userId: 'u', userProfile: { displayName: 'Anna', company: 'North' },
        scopeConfig: { scopeLevel0: [], scopeLevel1: [], scopeLevel2: [] } }
      console.log(await renderToString(createSSRApp({ render: () => h(MTChatPrime, { config }) }).use(PrimeVue)))`
    expect(run('--input-type=module', '-e', script)).toContain('class="mtchat-prime mtchat-prime--light"')
  })
})

test('W53 a page without a bundler has the global MTChatVuePrimeVue, which takes Vue, MTChatVue and PrimeVue', async () => {
  const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage()
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    await page.route('**/*', (route) =>
      route.request().resourceType() === 'document'
        ? route.fulfill({ contentType: 'text/html', body: '<div id="app" style="height: 500px"></div>' })
        : route.fulfill({ json: { data: [] } }),
    )
    await page.goto('http://host.test/')
    const modules = (name: string) => join(dirname(require.resolve('vue/package.json')), '..', name)
    await page.addScriptTag({ path: modules('vue/dist/vue.runtime.global.prod.js') })
    await page.addScriptTag({ path: modules('primevue/umd/primevue.min.js') })
    await page.addScriptTag({ path: join(dirname(require.resolve('@mtchat/vue')), 'mtchat-vue.umd.cjs') })
    await page.addScriptTag({ path: dist('mtchat-vue-primevue.umd.cjs') })
    await page.addScriptTag({
      content: `const config = { baseUrl: location.origin, userId: 'u', locale: 'en',
        userProfile: { displayName: 'Anna', company: 'North' },
        scopeConfig: { scopeLevel0: ['north'], scopeLevel1: [], scopeLevel2: [] } }
      Vue.createApp({ render: () => Vue.h(MTChatVuePrimeVue.MTChatPrime, { config, theme: 'dark' }) })
        .use(PrimeVue.Config).mount('#app')`,
    })
    await page.locator('.mtchat-prime--dark .mtchat .p-inputtext').waitFor({ timeout: 10_000 })
    await page.locator('.p-tablist .p-tab').first().waitFor()
    expect(errors).toEqual([])
    expect(await page.evaluate(() => document.adoptedStyleSheets.length)).toBe(2)
  } finally {
    await browser.close()
  }
})

test('its types compile in a host, strictly', () => {
  const folder = mkdtempSync(dist('host-'))
  try {
    writeFileSync(
      join(folder, 'host.ts'),
      `import { h, ref } from 'vue'
      import { MTChatPrime, primevueRegistry, provideRegistry, PrimeTag, PrimeSpinner } from '@mtchat/vue-primevue'
      import type { DialogListItem, MTChatConfig, ObjectNavigateEvent, IconName, MtMenuExpose, MtMenuEmits, MtButtonVariant, MtButtonSize,
        MtContextMenuProps, MtTagProps, MtSpinnerProps, MtTooltipOptions, WsEventPayload } from '@mtchat/vue-primevue'
      export type All = [ObjectNavigateEvent, IconName, MtMenuExpose, MtMenuEmits, MtButtonVariant, MtButtonSize,
        MtContextMenuProps, MtTagProps, MtSpinnerProps, MtTooltipOptions, WsEventPayload]
      declare const config: MTChatConfig
      const chat = ref<InstanceType<typeof MTChatPrime>>()
      export const view = () => h(MTChatPrime, { ref: chat, config, theme: 'auto', onDialogSelected: ({ id }: DialogListItem) => id })
      export const title: string | undefined = chat.value?.currentDialog?.title
      export const parts = [PrimeTag, PrimeSpinner, provideRegistry(primevueRegistry)]
      // @ts-expect-error there is no such mode
      export const wrong = () => h(MTChatPrime, { config, mode: 'sideways' })`,
    )
    const options = '--noEmit --strict --target es2022 --module esnext --moduleResolution bundler --lib es2023,dom'
    execFileSync(
      process.execPath,
      [require.resolve('typescript/bin/tsc'), ...options.split(' '), join(folder, 'host.ts')],
      {
        stdio: 'pipe',
        encoding: 'utf8',
      },
    )
  } catch (error) {
    throw new Error((error as { stdout?: string }).stdout ?? String(error), { cause: error })
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 120_000)
