/** What is fetched with the first change: the code of all changes. One story, because it is fetched once. */
import { expect, test, vi } from 'vitest'
import { settle, texts, useWorld } from '../people'

const network = vi.hoisted(() => ({ isCut: false }))

vi.mock('../../src/state/changes', (original) => {
  if (network.isCut) throw new TypeError('Failed to fetch dynamically imported module')
  return original()
})

const world = useWorld()

test('the first change is refused and told when its code is out of reach, and done in the dialog it was asked for in', async () => {
  const dialog = world.server.addDialog({ members: ['anna', 'boris'] })
  const other = world.server.addDialog({ members: ['anna'] })
  const message = world.server.say(dialog.id, 'anna', 'oops')
  const chat = world.chatOf('anna', { dialogId: dialog.id })
  await settle()
  network.isCut = true
  await expect(chat.actions.editMessage(message.id, 'fixed')).rejects.toThrow()
  expect(texts(chat)).toEqual(['oops'])
  expect(chat.store.state.error).toBeInstanceOf(Error)
  expect(await chat.actions.jumpToMessage(message.id)).toBe(false)
  expect(await chat.actions.fetchReplyMessage(message.id)).toBeNull()

  network.isCut = false
  const edited = chat.actions.editMessage(message.id, 'fixed')
  await chat.actions.selectDialog(other.id)
  expect(await edited).toMatchObject({ content: 'fixed' })
  await chat.actions.selectDialog(dialog.id)
  expect(chat.store.state).toMatchObject({ error: null, messages: [{ content: 'fixed' }] })
  expect(await chat.actions.jumpToMessage(message.id)).toBe(true)
  expect(await chat.actions.fetchReplyMessage(message.id)).toMatchObject({ content: 'fixed' })
})
