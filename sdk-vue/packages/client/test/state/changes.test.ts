/** The code of changes is fetched with the first use of it, and once: these tests are in the order of one story. */
import { expect, test, vi } from 'vitest'
import { FakeServer } from '../fakeServer'
import { configOf, settle, texts, useWorld } from '../people'

const network = vi.hoisted(() => ({ isCut: false }))

vi.mock('../../src/state/changes', (original) => {
  if (network.isCut) throw new TypeError('Failed to fetch dynamically imported module')
  return original()
})

const world = useWorld()

test('coming back to an older server while it is out of reach, a chat begins anew with the newest messages', async () => {
  world.replaceServer(new FakeServer({ legacy: true }))
  const dialog = world.server.addDialog({ members: ['anna', 'boris'] })
  const before = world.server.say(dialog.id, 'boris', 'before')
  const chat = world.chatOf('anna', { dialogId: dialog.id })
  await settle()
  world.server.cut()
  world.server.remove(dialog.id, before.id)
  world.server.say(dialog.id, 'boris', 'missed')
  network.isCut = true
  world.server.mend()
  await vi.waitFor(() => expect(texts(chat)).toEqual(['missed']))
})

test('the first change is refused and told while it is out of reach; then it is done where it was asked for, by whom', async () => {
  const dialog = world.server.addDialog({ members: ['anna', 'boris'] })
  const other = world.server.addDialog({ members: ['anna'] })
  const message = world.server.say(dialog.id, 'anna', 'oops')
  const chat = world.chatOf('anna', { dialogId: dialog.id })
  const boris = world.chatOf('boris', { dialogId: dialog.id })
  await settle()
  network.isCut = true
  await expect(chat.actions.editMessage(message.id, 'fixed')).rejects.toMatchObject({ code: 'NETWORK_ERROR' })
  expect(texts(chat)).toEqual(['oops'])
  expect(chat.store.state.error).toMatchObject({ code: 'NETWORK_ERROR', isTemporary: true })
  expect(await chat.actions.jumpToMessage(message.id)).toBe(false)
  expect(await chat.actions.fetchReplyMessage(message.id)).toBeNull()

  network.isCut = false
  const edited = chat.actions.editMessage(message.id, 'fixed')
  const left = expect(boris.actions.leaveDialog(dialog.id)).rejects.toMatchObject({ code: 'ABORTED' })
  boris.configure(configOf('vera'))
  await chat.actions.selectDialog(other.id)
  await left
  expect(world.server.asked('POST', /leave$/)).toEqual([])
  expect(await edited).toMatchObject({ content: 'fixed' })
  await chat.actions.selectDialog(dialog.id)
  expect(chat.store.state).toMatchObject({ error: null, messages: [{ content: 'fixed' }] })
  expect(await chat.actions.jumpToMessage(message.id)).toBe(true)
  expect(await chat.actions.fetchReplyMessage(message.id)).toMatchObject({ content: 'fixed' })
})
