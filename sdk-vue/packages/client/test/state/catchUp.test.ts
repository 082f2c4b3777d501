import { describe, expect, test } from 'vitest'
import { FakeServer } from '../fakeServer'
import { settle, texts, useWorld, withChangesLoaded } from '../people'

const world = useWorld()

async function opened(count = 0, pages = 0) {
  const dialog = world.server.addDialog({ members: ['anna', 'boris'] })
  world.server.fill(dialog.id, 'boris', count)
  const chat = world.chatOf('anna', { dialogId: dialog.id })
  await settle()
  for (let i = 0; i < pages; i++) {
    await chat.actions.loadOlderMessages()
    await settle(400)
  }
  return { chat, dialog }
}

const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `message ${from + i}`)

describe.each([{ legacy: false }, { legacy: true }])('W4: coming back, legacy server: $legacy', ({ legacy }) => {
  withChangesLoaded()

  test('keeps the window, fills the gap, and older history is still reachable', async () => {
    world.replaceServer(new FakeServer({ legacy }))
    const { chat, dialog } = await opened(180, 2)
    expect(chat.store.state.messages).toHaveLength(150)
    world.server.cut()
    for (const text of ['missed 1', 'missed 2']) world.server.say(dialog.id, 'boris', text)
    world.server.mend()
    await settle(60_000)
    expect(texts(chat)).toEqual([...numbered(31, 180), 'missed 1', 'missed 2'])
    await chat.actions.loadOlderMessages()
    expect(texts(chat)).toEqual([...numbered(1, 180), 'missed 1', 'missed 2'])
    expect(chat.store.state.hasMoreMessages).toBe(false)
  })

  test('learns of edits and deletions too', async () => {
    world.replaceServer(new FakeServer({ legacy }))
    const { chat, dialog } = await opened(5)
    const [, second, third] = world.server.dialogs.get(dialog.id)!.messages
    world.server.cut()
    world.server.edit(dialog.id, second!.id, 'changed')
    world.server.remove(dialog.id, third!.id)
    world.server.mend()
    await settle(60_000)
    expect(texts(chat)).toEqual(['message 1', 'changed', 'message 4', 'message 5'])
  })

  test('counts what was missed in dialogs that are not open', async () => {
    world.replaceServer(new FakeServer({ legacy }))
    const { chat } = await opened(1)
    const other = world.server.addDialog({ members: ['anna', 'boris'], title: 'Other' })
    await chat.actions.loadDialogs()
    world.server.cut()
    world.server.say(other.id, 'boris', 'one')
    world.server.say(other.id, 'boris', 'two')
    world.server.mend()
    await settle(60_000)
    const row = chat.store.state.participatingDialogs.find((d) => d.id === other.id)
    expect(row).toMatchObject({ unread_count: 2, last_message: { content: 'two' } })
  })
})

describe('W7: a dialog made while nobody could tell us of it', () => {
  test('during a loss of the connection is there afterwards', async () => {
    const { chat } = await opened(1)
    world.server.cut()
    world.server.addDialog({ members: ['anna', 'boris'], title: 'New' })
    world.server.mend()
    await settle(60_000)
    expect(chat.store.state.participatingDialogs.map((d) => d.title)).toContain('New')
  })

  test('between the lists and a late first greeting is there after that', async () => {
    const chat = world.chatOf('anna', { autoConnect: false })
    await settle()
    expect(chat.store.state.participatingDialogs).toEqual([])
    world.server.addDialog({ members: ['anna', 'boris'], title: 'New' })
    await settle(2000)
    chat.actions.connect()
    await settle(300)
    expect(chat.store.state.participatingDialogs.map((d) => d.title)).toEqual(['New'])
  })

  test('for the object of an inline chat opens by itself', async () => {
    const chat = world.chatOf('anna', { mode: 'inline', objectType: 'order', objectId: '7' })
    await settle()
    expect(chat.store.state.currentDialog).toBeNull()
    const dialog = world.server.addDialog({ members: ['boris'], title: 'New', objectType: 'order', objectId: '7' })
    world.server.join(dialog.id, 'anna')
    await settle(300)
    expect(chat.store.state.currentDialog?.title).toBe('New')
  })
})

describe('resume', () => {
  test('names the last event of each dialog, and is sent to no server that does not offer it', async () => {
    const { chat, dialog } = await opened(3)
    world.server.cut()
    world.server.mend()
    await settle(60_000)
    expect(chat.client.isConnected).toBe(true)
    const sent = world.server.sockets[0]!.received.filter((f) => f.type === 'resume')
    expect(sent).toEqual([{ type: 'resume', dialogs: { [dialog.id]: 3 } }])

    world.replaceServer(new FakeServer({ legacy: true }))
    await opened(3)
    world.server.cut()
    world.server.mend()
    await settle(60_000)
    expect(world.server.sockets.flatMap((s) => s.received).filter((f) => f.type === 'resume')).toEqual([])
  })

  test('after 4008 it happens at once', async () => {
    const { chat, dialog } = await opened(1)
    await settle(10_000)
    const socket = world.server.sockets[0]!
    world.server.sockets = []
    world.server.say(dialog.id, 'boris', 'too fast for you')
    socket.end(4008)
    await settle()
    expect(texts(chat)).toEqual(['message 1', 'too fast for you'])
  })

  test('a dialog too far behind is loaded again, without losing the window', async () => {
    const { chat, dialog } = await opened(10)
    world.server.cut()
    world.server.fill(dialog.id, 'boris', 30)
    world.server.mend()
    await settle(60_000)
    expect(texts(chat)).toEqual([...numbered(1, 10), ...numbered(1, 30)])
    world.server.say(dialog.id, 'boris', 'live again')
    await settle()
    expect(texts(chat).at(-1)).toBe('live again')
  })

  test('no event is taken twice: unread counts stay right', async () => {
    const { chat } = await opened()
    const other = world.server.addDialog({ members: ['anna', 'boris'] })
    await chat.actions.loadDialogs()
    const frames: object[] = []
    chat.client.on('message.new', (event) => frames.push(event))
    world.server.say(other.id, 'boris', 'one')
    await settle()
    for (const frame of [...frames]) world.server.tell(['anna'], frame)
    await settle()
    expect(chat.store.state.participatingDialogs.find((d) => d.id === other.id)!.unread_count).toBe(1)
  })

  test('a skipped number is asked for, and what came ahead of it waits its turn', async () => {
    const { chat, dialog } = await opened(1)
    const socket = world.server.sockets[0]!
    world.server.sockets = []
    world.server.say(dialog.id, 'boris', 'lost')
    world.server.sockets = [socket]
    world.server.say(dialog.id, 'boris', 'arrived')
    await settle()
    expect(texts(chat)).toEqual(['message 1', 'lost', 'arrived'])
    expect(chat.store.state.participatingDialogs[0]!.unread_count).toBe(3)
  })

  test('a dialog we were removed from while away disappears', async () => {
    const { chat, dialog } = await opened(1)
    const other = world.server.addDialog({ members: ['anna'], joinable: false })
    await chat.actions.loadDialogs()
    world.server.cut()
    world.server.leave(other.id, 'anna')
    world.server.mend()
    await settle(60_000)
    expect(chat.store.state.participatingDialogs.map((d) => d.id)).toEqual([dialog.id])
  })

  test('own state changed elsewhere while away is taken over', async () => {
    const { chat, dialog } = await opened(4)
    await chat.actions.closeDialog()
    world.server.cut()
    const stored = world.server.dialogs.get(dialog.id)!
    stored.members.get('anna')!.pinned = true
    world.server.read(dialog.id, 'anna', stored.messages[2]!.id)
    world.server.mend()
    await settle(60_000)
    expect(chat.store.state.participatingDialogs[0]).toMatchObject({ is_pinned: true, unread_count: 1 })
  })

  test('what happens between reading a list and connecting is not lost', async () => {
    const dialog = world.server.addDialog({ members: ['anna', 'boris'] })
    const chat = world.chatOf('anna', { autoConnect: false })
    await settle()
    world.server.say(dialog.id, 'boris', 'in between')
    chat.actions.connect()
    await settle()
    expect(chat.store.state.participatingDialogs[0]).toMatchObject({
      unread_count: 1,
      last_message: { content: 'in between' },
    })
  })
})

describe('W5: live messages during a jump', () => {
  test('neither break the order nor come twice', async () => {
    const { chat, dialog } = await opened(200)
    const target = world.server.dialogs.get(dialog.id)!.messages[60]!
    expect(await chat.actions.jumpToMessage(target.id)).toBe(true)
    expect(chat.store.state.hasMoreAfter).toBe(true)
    world.server.say(dialog.id, 'boris', 'live')
    await settle()
    expect(texts(chat)).not.toContain('live')
    for (let i = 0; chat.store.state.hasMoreAfter && i < 9; i++) await chat.actions.loadNewerMessages()
    expect(texts(chat)).toEqual([...numbered(36, 200), 'live'])
  })

  test('jumping to what is not there leaves everything as it was', async () => {
    const { chat } = await opened(3)
    expect(await chat.actions.jumpToMessage('0199ffff-0000-7000-8000-000000000000')).toBe(false)
    expect(texts(chat)).toEqual(numbered(1, 3))
  })

  test('sending from the past leads back to the present', async () => {
    const { chat, dialog } = await opened(200)
    await chat.actions.jumpToMessage(world.server.dialogs.get(dialog.id)!.messages[60]!.id)
    await chat.actions.sendMessage('here I am')
    await settle()
    expect(texts(chat).slice(-2)).toEqual(['message 200', 'here I am'])
  })
})
