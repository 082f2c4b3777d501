// @vitest-environment node
import { createSSRApp, h } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { expect, test } from 'vitest'

test('W16 the package can be imported where there is no browser', async () => {
  expect(typeof window).toBe('undefined')
  await expect(import('../../src/index')).resolves.toHaveProperty('MTChat')
})

test('W16 the chat renders on a server without reading the page', async () => {
  const { MTChat } = await import('../../src/index')
  const config = {
    baseUrl: 'https://chat.example',
    userId: 'u-1',
    scopeConfig: { scopeLevel0: [], scopeLevel1: [], scopeLevel2: [] },
    userProfile: { displayName: 'Anna', company: 'North' },
  }
  const html = await renderToString(createSSRApp({ render: () => h(MTChat, { config, theme: 'dark' }) }))
  expect(html).toContain('class="mtchat mtchat--dark')
})
