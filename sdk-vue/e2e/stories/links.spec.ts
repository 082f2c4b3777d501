/** Links to files that live for a second. */
import { pdf } from '../support/files'
import { expect, test } from '../support/test'

test.use({ settings: { S3_PRESIGN_DOWNLOAD_EXPIRY: '1' } })

test('W14: a link that ran out is fetched anew when the file is opened', async ({ world, open }) => {
  const { anna, dialog } = await world.pair()
  const file = await world.upload(dialog, anna, 'late.pdf', 'application/pdf', pdf(2))
  const sent = await world.say(dialog, anna, 'With a file', { attachments: [file] })
  const annas = await open(anna, { props: { dialogId: dialog.id } })
  await expect(annas.message('With a file')).toBeVisible()
  const shown = (await world.messages(dialog, anna)).find(({ id }) => id === sent.id)!
  await expect.poll(async () => (await fetch(shown.attachments![0]!.url)).status).toBe(403)
  await annas.message('With a file').getByRole('button', { name: 'Open file late.pdf' }).click()
  await expect(annas.viewer).toContainText('2 pages')
  await expect(annas.viewer.getByRole('img', { name: '1 of 2' })).toBeVisible()
})
