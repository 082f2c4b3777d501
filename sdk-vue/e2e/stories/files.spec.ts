/** Files: picked, dropped and pasted, shown, opened, refused. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { asFile, pdf, png } from '../support/files'
import { expect, test, type OpenOptions } from '../support/test'
import type { ChatPage } from '../support/chatPage'
import type { TestDialog } from '../support/world'

const MODES = ['full', 'inline'] as const
const into = (dialog: TestDialog, mode: string): OpenOptions => ({
  props:
    mode === 'inline'
      ? { mode: 'inline', objectId: dialog.objectId, objectType: dialog.objectType }
      : { dialogId: dialog.id },
})

/** Files as an operating system hands them over, dropped or pasted. */
async function handOver(chat: ChatPage, how: 'drop' | 'paste', name: string, type: string, body: Buffer) {
  const data = await chat.page.evaluateHandle(
    ([text, filename, mimeType]) => {
      const bytes = Uint8Array.from(atob(text!), (letter) => letter.charCodeAt(0))
      const transfer = new DataTransfer()
      transfer.items.add(new File([bytes], filename!, { type: mimeType! }))
      return transfer
    },
    [body.toString('base64'), name, type],
  )
  if (how === 'drop') {
    const target = chat.page.locator('.mtchat__main')
    for (const step of ['dragenter', 'dragover', 'drop']) await target.dispatchEvent(step, { dataTransfer: data })
  } else {
    await chat.field.click()
    await expect(chat.page.locator('.chat-input [contenteditable=true]')).toBeFocused()
    await chat.page.evaluate(
      (clipboardData) =>
        document.activeElement?.dispatchEvent(
          new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
        ),
      data,
    )
  }
}

for (const mode of MODES) {
  test(`${mode} mode: W3: a live message brings its files and its quote along`, async ({ world, open }) => {
    const { anna, boris, dialog } = await world.pair()
    const question = await world.say(dialog, boris, 'Where are the papers?')
    const [annas, boriss] = await Promise.all([open(anna, into(dialog, mode)), open(boris, into(dialog, mode))])
    await annas.act(annas.message('Where are the papers?'), 'Reply')
    await annas.attach(
      asFile('Схема ворот.png', 'image/png', png(640, 400)),
      asFile('CMR 2071.pdf', 'application/pdf', pdf(3)),
    )
    const tiles = annas.page.locator('.attachment-preview__item')
    await expect(tiles).toHaveCount(2)
    await expect(annas.page.locator('.attachment-preview__item--uploaded')).toHaveCount(2)
    await annas.send('Here they are')
    await expect(tiles).toHaveCount(0)
    const theirs = boriss.message('Here they are')
    await expect(boriss.quoteIn(theirs)).toContainText('Where are the papers?')
    await expect(theirs.getByRole('button', { name: 'Open file CMR 2071.pdf' })).toBeVisible()
    const picture = theirs.getByRole('button', { name: 'Open image Схема ворот.png' })
    await expect(picture).toHaveClass(/--loaded/)
    expect((await world.messages(dialog, boris)).at(-1)).toMatchObject({ reply_to_id: question.id })

    await picture.click()
    await expect(boriss.viewer).toContainText('1 / 2')
    await expect(boriss.viewer.getByRole('img', { name: 'Схема ворот.png' })).toHaveClass(/--loaded/)
    await boriss.page.keyboard.press('+')
    await expect(boriss.viewer).toContainText('125%')
    await boriss.page.keyboard.press('ArrowRight')
    await expect(boriss.viewer).toContainText('3 pages')
    const page = boriss.viewer.getByRole('img', { name: '1 of 3' })
    // Drawn, not just there: the page has a black square.
    await expect
      .poll(() =>
        page.evaluate((canvas: HTMLCanvasElement) => {
          if (!canvas.width) return 255
          const { data } = canvas.getContext('2d')!.getImageData(canvas.width * 0.4, canvas.height * 0.7, 1, 1)
          return data[3] === 255 ? data[0] : 255
        }),
      )
      .toBe(0)
    const download = boriss.page.waitForEvent('download')
    await boriss.viewer.getByRole('button', { name: 'Download' }).click()
    const saved = await download
    expect(saved.suggestedFilename()).toBe('CMR 2071.pdf')
    expect((await readFile(await saved.path())).equals(pdf(3))).toBe(true)
    await boriss.page.keyboard.press('Escape')
    await expect(boriss.viewer).toBeHidden()
    await expect(picture).toBeFocused()
  })

  test(`${mode} mode: files are dropped and pasted, and a message may be nothing but files`, async ({
    world,
    open,
  }) => {
    const { anna, boris, dialog } = await world.pair()
    const [annas, boriss] = await Promise.all([open(anna, into(dialog, mode)), open(boris, into(dialog, mode))])
    await expect(annas.field).toBeVisible()
    await handOver(annas, 'drop', 'dropped.png', 'image/png', png())
    await handOver(annas, 'paste', 'pasted.png', 'image/png', png(300, 300, [200, 80, 40]))
    await expect(annas.page.locator('.attachment-preview__item--uploaded')).toHaveCount(2)
    await annas.page.getByRole('button', { name: 'Send', exact: true }).click()
    await expect(boriss.feed.getByRole('button', { name: 'Open image dropped.png' })).toBeVisible()
    await expect(boriss.feed.getByRole('button', { name: 'Open image pasted.png' })).toBeVisible()
    await expect(boriss.feed.locator('.chat-messages__content')).toHaveCount(0)
  })
}

test('what cannot be attached is told, with its name, and the rest is taken', async ({ world, open }) => {
  const { anna, dialog } = await world.pair()
  const annas = await open(anna, into(dialog, 'full'))
  await expect(annas.field).toBeVisible()
  const notice = annas.page.locator('.mtchat__notice')
  await annas.attach(
    asFile('tool.exe', 'application/x-msdownload', Buffer.from('MZ')),
    asFile('notes.txt', 'text/plain', Buffer.from('hello')),
  )
  await expect(notice).toContainText('“tool.exe”')
  await expect(annas.page.locator('.attachment-preview__item--uploaded')).toHaveCount(1)
  await annas.attach(asFile('empty.txt', 'text/plain', Buffer.alloc(0)))
  await expect(notice).toContainText('“empty.txt” is empty')
  await annas.attach(...Array.from({ length: 10 }, (_, n) => asFile(`${n}.txt`, 'text/plain', Buffer.from('x'))))
  await expect(notice).toContainText('At most 10 files')
  await expect(annas.page.locator('.attachment-preview__item')).toHaveCount(1)
})

test('an upload that fails is uploaded again or removed, and is never sent as nothing', async ({ world, open }) => {
  const { anna, dialog } = await world.pair()
  const annas = await open(anna, into(dialog, 'full'))
  await expect(annas.field).toBeVisible()
  const uploads = (url: URL) => url.pathname.includes('/files/') || url.pathname.includes('/upload')
  await annas.page.route(uploads, (route) => (route.request().method() === 'PUT' ? route.abort() : route.fallback()))
  await annas.attach(asFile('notes.txt', 'text/plain', Buffer.from('hello')))
  const retry = annas.page.getByRole('button', { name: 'Upload notes.txt again' })
  await expect(retry).toBeVisible()
  await expect(annas.page.getByRole('button', { name: 'Send', exact: true })).toBeDisabled()
  await annas.page.unroute(uploads)
  await retry.click()
  await expect(annas.page.locator('.attachment-preview__item--uploaded')).toHaveCount(1)
  await annas.page.getByRole('button', { name: 'Remove notes.txt' }).click()
  await expect(annas.page.locator('.attachment-preview__item')).toHaveCount(0)
})

test('a file of 17 MiB goes in parts, past a part that fails, and comes back with the same bytes', async ({
  world,
  open,
}) => {
  const { anna, boris, dialog } = await world.pair()
  const [annas, boriss] = await Promise.all([open(anna, into(dialog, 'full')), open(boris, into(dialog, 'full'))])
  await expect(annas.field).toBeVisible()
  let tries = 0
  await annas.page.route(/\/files\//, (route) => (++tries === 1 ? route.abort() : route.fallback()))
  const body = Buffer.from(randomBytes(17 * 2 ** 19).toString('hex'))
  await annas.attach(asFile('positions.txt', 'text/plain', body))
  await expect(annas.page.locator('.attachment-preview__item--uploaded')).toHaveCount(1)
  await annas.page.getByRole('button', { name: 'Send', exact: true }).click()
  await expect(boriss.feed.getByRole('button', { name: 'Open file positions.txt' })).toContainText('17')
  // Three parts, one of them twice.
  expect(tries).toBe(4)
  const download = boriss.page.waitForEvent('download')
  await boriss.feed.getByRole('button', { name: 'Download positions.txt' }).click()
  expect((await readFile(await (await download).path())).equals(body)).toBe(true)
})
