import { describe, expect, test } from 'vitest'
import { settle, stubTab, useWorld } from '../people'

const world = useWorld()

async function opened(unread: number) {
  const dialog = world.server.addDialog({ members: ['anna', 'boris'] })
  const messages = world.server.fill(dialog.id, 'boris', unread)
  const chat = world.chatOf('anna', { dialogId: dialog.id })
  await settle()
  return { chat, dialog, messages }
}

const posts = () => world.server.asked('POST', /read$/).map((r) => r.body.last_read_message_id as string)
const unread = (chat: Awaited<ReturnType<typeof opened>>['chat']) =>
  chat.store.state.participatingDialogs[0]!.unread_count

describe('W6: reading', () => {
  test('nothing is read that nobody looked at', async () => {
    const { chat, dialog } = await opened(3)
    world.server.say(dialog.id, 'boris', 'more')
    await settle(5000)
    expect(posts()).toEqual([])
    expect(unread(chat)).toBe(4)
  })

  test('scrolled up, only what was on the screen is read', async () => {
    const { chat, messages } = await opened(10)
    chat.actions.setViewport({ atBottom: false, lastVisibleId: messages[3]!.id })
    expect(unread(chat)).toBe(6)
    await settle(600)
    expect(posts()).toEqual([messages[3]!.id])
  })

  test('many messages seen within half a second are one request', async () => {
    const { chat, dialog, messages } = await opened(3)
    chat.actions.setViewport({ atBottom: true, lastVisibleId: messages[2]!.id })
    const last = ['a', 'b', 'c'].map((text) => world.server.say(dialog.id, 'boris', text)).at(-1)!
    await settle(600)
    expect(posts()).toEqual([last.id])
    expect(unread(chat)).toBe(0)
  })

  test('never backwards', async () => {
    const { chat, messages } = await opened(10)
    chat.actions.setViewport({ atBottom: false, lastVisibleId: messages[7]!.id })
    await settle(600)
    chat.actions.setViewport({ atBottom: false, lastVisibleId: messages[2]!.id })
    await settle(600)
    expect(posts()).toEqual([messages[7]!.id])
    expect(unread(chat)).toBe(2)
  })

  test('not while the tab is hidden; on return, what is on the screen', async () => {
    const tab = stubTab()
    const { chat, dialog } = await opened(1)
    chat.actions.setViewport({ atBottom: true })
    await settle(600)
    tab.hide()
    const later = world.server.say(dialog.id, 'boris', 'while away')
    await settle(5000)
    expect(posts()).toHaveLength(1)
    expect(unread(chat)).toBe(1)
    expect(chat.store.state.firstUnreadMessageId).toBe(later.id)
    tab.show()
    await settle(600)
    expect(posts().at(-1)).toBe(later.id)
    expect(unread(chat)).toBe(0)
  })

  test('one request at a time; what is seen meanwhile follows', async () => {
    const { chat, messages } = await opened(5)
    const open = world.server.hold('POST', /read$/)
    chat.actions.setViewport({ atBottom: false, lastVisibleId: messages[1]!.id })
    await settle(600)
    chat.actions.setViewport({ atBottom: false, lastVisibleId: messages[4]!.id })
    await settle(2000)
    expect(posts()).toHaveLength(1)
    open()
    await settle(600)
    expect(posts()).toEqual([messages[1]!.id, messages[4]!.id])
  })

  test('a refused position is unread again, and told with the next thing seen', async () => {
    const { chat, dialog, messages } = await opened(3)
    world.server.refuse('POST', /read$/, 500)
    chat.actions.setViewport({ atBottom: true, lastVisibleId: messages[2]!.id })
    expect(unread(chat)).toBe(0)
    await settle(600)
    expect(unread(chat)).toBe(3)
    world.server.say(dialog.id, 'boris', 'more')
    await settle(600)
    expect(unread(chat)).toBe(0)
  })

  test('read in another tab clears the number here, and moves others forward only', async () => {
    const { chat, dialog, messages } = await opened(4)
    world.server.read(dialog.id, 'anna', messages[3]!.id)
    await settle()
    expect(unread(chat)).toBe(0)
    const frame = { type: 'message.read', dialog_id: dialog.id, user_id: 'boris' }
    world.server.tell(['anna'], { ...frame, last_read_message_id: messages[0]!.id })
    const boris = chat.store.state.participants.find((p) => p.user_id === 'boris')
    expect(boris!.last_read_message_id).toBe(messages[3]!.id)
  })

  test('whoever writes has read what stands before: receipts and the own number follow without a frame', async () => {
    const { chat, dialog } = await opened(2)
    await chat.actions.sendMessage('answer')
    await settle()
    expect(unread(chat)).toBe(0)
    const reply = world.server.say(dialog.id, 'boris', 'thanks')
    await settle()
    expect(chat.store.state.participants.find((p) => p.user_id === 'boris')!.last_read_message_id).toBe(reply.id)
  })

  test('by hand it is read at once', async () => {
    const { chat, messages } = await opened(3)
    await chat.actions.markAsRead()
    expect(posts()).toEqual([messages[2]!.id])
    expect(unread(chat)).toBe(0)
    expect(chat.store.state.firstUnreadMessageId).toBe(messages[0]!.id)
  })
})
