/** `mtchat demo` as a visitor meets it: two people in one window, each with the whole chat. */
import { expect, test as base, type Locator, type Page } from '@playwright/test'
import { ChatServer } from '../support/server'

const test = base.extend<{ problems: string[] }, { demo: ChatServer }>({
  demo: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const server = await ChatServer.launch(['demo'])
      await use(server)
      await server.dispose()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  // Whatever the browser complains of: a broken policy, a missing file, an error.
  problems: [
    async ({ page }, use) => {
      const problems: string[] = []
      page.on('pageerror', (error) => problems.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(`${message.text()} ${message.location().url}`)
      })
      await use(problems)
      expect(problems).toEqual([])
    },
    { auto: true },
  ],
})

const half = (page: Page, name: string) => page.getByRole('region', { name })

async function say(pane: Locator, text: string) {
  await pane.locator('.chat-input').getByRole('textbox').click()
  await expect(pane.locator('.chat-input [contenteditable=true]')).toBeFocused()
  await pane.page().keyboard.insertText(text)
  await pane.page().keyboard.press('Enter')
}

test('two people with all their chats talk to each other', async ({ page, demo }) => {
  await page.setViewportSize({ width: 1720, height: 900 })
  await page.goto(`${demo.url}/demo`)
  const [ines, lu] = [half(page, 'Ines Kahn'), half(page, 'Lu Wei 卢伟')]
  for (const pane of [ines, lu]) await pane.getByRole('option', { name: 'Shipment 2071' }).click()
  await expect(lu.getByRole('feed')).toContainText('Gate 4, please. Slot is 10:30.')
  await say(ines, 'Gate five it is')
  await expect(lu.getByRole('feed')).toContainText('Gate five it is')
})

test('beside its object each sees the one chat about it, and somebody else may join', async ({ page, demo }) => {
  await page.setViewportSize({ width: 1480, height: 900 })
  await page.goto(`${demo.url}/demo/inline`)
  const lu = half(page, 'Lu Wei 卢伟')
  await expect(lu.getByRole('heading', { name: 'Shipment SHP-2071' })).toBeVisible()
  await half(page, 'Ines Kahn').getByRole('combobox').selectOption({ label: 'Томас Линд — Hald AB' })
  const tomas = half(page, 'Томас Линд')
  await tomas.getByRole('button', { name: 'Join' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Join' }).click()
  await expect(lu.getByRole('feed')).toContainText('Томас Линд (Hald AB) joined')
  await say(tomas, 'Добрый день')
  await expect(lu.getByRole('feed')).toContainText('Добрый день')
})

test('theme and language change while one writes, and are remembered', async ({ page, demo }) => {
  await page.setViewportSize({ width: 1720, height: 900 })
  await page.goto(`${demo.url}/demo`)
  const ines = half(page, 'Ines Kahn')
  await ines.getByRole('option', { name: 'Shipment 2071' }).click()
  await ines.locator('.chat-input').getByRole('textbox').click()
  await page.keyboard.insertText('Half a sentence')
  await page.getByLabel('Theme').selectOption('dark')
  await page.getByLabel('Language').selectOption('ru')
  await expect(ines.locator('.mtchat')).toHaveClass(/mtchat--dark/)
  await expect(ines.getByRole('tab', { name: 'Мои чаты' })).toBeVisible()
  await expect(ines.locator('.chat-input').getByRole('textbox')).toHaveText('Half a sentence')
  await page.reload()
  await expect(ines.locator('.mtchat')).toHaveClass(/mtchat--dark/)
  await expect(ines.getByRole('tab', { name: 'Мои чаты' })).toBeVisible()
})
