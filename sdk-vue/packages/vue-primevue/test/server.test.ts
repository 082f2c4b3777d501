// @vitest-environment node
import PrimeVue from 'primevue/config'
import { createSSRApp, h } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { expect, test } from 'vitest'

test('W16 the chat renders on a server without reading the page', async () => {
  expect(typeof window).toBe('undefined')
  const { MTChatPrime } = await import('../src/index')
  const config = {
    baseUrl: 'https://chat.example',
    userId: 'u-1',
    scopeConfig: { scopeLevel0: [], scopeLevel1: [], scopeLevel2: [] },
    userProfile: { displayName: 'Anna', company: 'North' },
  }
  const app = createSSRApp({ render: () => h(MTChatPrime, { config, theme: 'dark' }) })
  const html = await renderToString(app.use(PrimeVue))
  expect(html).toContain('class="mtchat-prime mtchat-prime--dark')
  expect(html).toContain('class="mtchat mtchat--dark')
})
