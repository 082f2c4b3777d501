import { describe, expect, test } from 'vitest'
import { FakeServer } from '../fakeServer'
import { settle, texts, useWorld, withChangesLoaded } from '../people'

const world = useWorld()

async function opened(count = 1, userId = 'anna') {
  const dialog = world.server.addDialog({ members: ['anna', 'boris'] })
  world.server.fill(dialog.id, 'boris', count)
  const chat = world.chatOf(userId, { dialogId: dialog.id })
  await settle()
  return { chat, dialog }
}

const file = { id: 'f', filename: 'cmr.pdf', content_type: 'application/pdf', size: 9, url: 'https://files.test/f?old' }

describe('W3: live messages are complete', () => {
  withChangesLoaded()

  test.each([{ legacy: false }, { legacy: true }])(
    'with files and quotes, legacy server: $legacy',
    async ({ legacy }) => {
      world.replaceServer(new FakeServer({ legacy }))
      const { chat, dialog } = await opened()
      const quoted = chat.store.state.messages[0]!
      const before = world.server.requests.length
      world.server.say(dialog.id, 'boris', 'see', { attachments: [file], replyTo: quoted.id })
      world.server.say(dialog.id, 'boris', 'and this', { attachments: [file] })
      await settle()
      expect(texts(chat).slice(1)).toEqual(['see', 'and this'])
      await settle(200)
      expect(chat.store.state.messages[1]).toMatchObject({ attachments: [file], reply_to_id: quoted.id })
      expect(chat.store.state.messages[2]).toMatchObject({ attachments: [file] })
      expect(world.server.asked('GET', /messages/, before)).toHaveLength(legacy ? 1 : 0)
    },
  )
})

describe('opening', () => {
  test('messages and members are asked for at once', async () => {
    const dialog = world.server.addDialog({ members: ['anna'] })
    const chat = world.chatOf('anna')
    await settle()
    const before = world.server.requests.length
    world.server.hold('GET', /dialogs\/./)
    void chat.actions.selectDialog(dialog.id)
    await settle()
    expect(world.server.requests.slice(before).map((r) => r.path.split('/').at(-1))).toEqual([
      'messages',
      'participants',
    ])
  })

  test('the answer for a dialog left meanwhile is dropped', async () => {
    const { chat, dialog } = await opened()
    const other = world.server.addDialog({ members: ['anna', 'boris'] })
    world.server.say(other.id, 'boris', 'other')
    const open = world.server.hold('GET', /messages$/)
    const slow = chat.actions.selectDialog(other.id)
    const back = chat.actions.selectDialog(dialog.id)
    open()
    await Promise.all([slow, back])
    expect(texts(chat)).toEqual(['message 1'])
    expect(chat.store.state).toMatchObject({ error: null, isLoadingMessages: false })
  })

  test('a dialog that is not in the lists is fetched; one that may not be seen is an error', async () => {
    const chat = world.chatOf('anna')
    await settle()
    const dialog = world.server.addDialog({ members: ['anna', 'boris'], title: 'By link' })
    await chat.actions.selectDialog(dialog.id)
    expect(chat.store.state.currentDialog?.title).toBe('By link')
    await expect(chat.actions.selectDialog('nowhere')).rejects.toMatchObject({ status: 404 })
    expect(chat.store.state).toMatchObject({ currentDialog: null, error: { code: 'DIALOG_NOT_FOUND' } })
  })

  test('inline: the newest dialog of the object, in one request and two at once', async () => {
    world.server.addDialog({ members: ['anna'], objectId: '7', title: 'old' })
    const dialog = world.server.addDialog({ members: ['anna', 'boris'], objectId: '7', title: 'new' })
    world.server.say(dialog.id, 'boris', 'inline')
    const chat = world.chatOf('anna', { mode: 'inline', objectType: 'order', objectId: '7' })
    await settle()
    expect(chat.store.state.currentDialog?.title).toBe('new')
    expect(texts(chat)).toEqual(['inline'])
    expect(world.server.requests).toHaveLength(3)
    world.server.say(dialog.id, 'boris', 'live')
    await settle()
    expect(texts(chat)).toEqual(['inline', 'live'])
  })

  test('inline: an object without a dialog shows none', async () => {
    const chat = world.chatOf('anna', { mode: 'inline', objectType: 'order', objectId: '7' })
    await settle()
    expect(chat.store.state).toMatchObject({ currentDialog: null, messages: [], error: null })
  })
})

describe('paging', () => {
  test('older pages until there are none; near the edge it is asked once', async () => {
    const { chat } = await opened(120)
    const before = world.server.requests.length
    void chat.actions.loadOlderMessages()
    // The second waits for the page of the first, or a loop over all pages would turn without end.
    await chat.actions.loadOlderMessages()
    expect(world.server.requests.length - before).toBe(1)
    expect(chat.store.state.messages).toHaveLength(100)
    expect(chat.store.state.jumpCooldown).toBe(true)
    await settle(301)
    expect(chat.store.state.jumpCooldown).toBe(false)
    await chat.actions.loadOlderMessages()
    expect(chat.store.state.messages).toHaveLength(120)
    expect(chat.store.state.hasMoreMessages).toBe(false)
  })

  test('a failing page is swallowed and ends the paging', async () => {
    const { chat } = await opened(120)
    world.server.refuse('GET', /messages$/, 400)
    await chat.actions.loadOlderMessages()
    expect(chat.store.state).toMatchObject({ hasMoreMessages: false, isLoadingOlder: false, error: null })
  })
})

describe('W14: expired links', () => {
  test('a fresh link is put into the loaded message', async () => {
    const { chat, dialog } = await opened()
    world.server.say(dialog.id, 'boris', 'see', { attachments: [file] })
    await settle()
    await expect(chat.actions.refreshAttachment('f')).resolves.toMatchObject({ expires_in: 3600 })
    expect(chat.store.state.messages[1]!.attachments![0]!.url).toBe('https://files.test/f?fresh')
  })
})

describe('quotes', () => {
  test('outside the window are fetched once; deleted ones are null', async () => {
    const { chat, dialog } = await opened(120)
    const old = world.server.dialogs.get(dialog.id)!.messages[0]!
    const before = world.server.requests.length
    expect(chat.actions.getReplyMessage(old.id)).toBeUndefined()
    await Promise.all([chat.actions.fetchReplyMessage(old.id), chat.actions.fetchReplyMessage(old.id)])
    expect(chat.actions.getReplyMessage(old.id)).toMatchObject({ content: 'message 1' })
    expect(await chat.actions.fetchReplyMessage('0000')).toBeNull()
    expect(chat.actions.getReplyMessage('0000')).toBeNull()
    expect(world.server.requests.length - before).toBe(2)
  })
})

describe('live', () => {
  test('edits and deletions of others are followed, in the window, the quotes and the list', async () => {
    const { chat, dialog } = await opened(2)
    const [first, second] = world.server.dialogs.get(dialog.id)!.messages
    world.server.edit(dialog.id, second!.id, 'edited')
    expect(texts(chat)).toEqual(['message 1', 'edited'])
    expect(chat.store.state.participatingDialogs[0]!.last_message!.content).toBe('edited')
    world.server.remove(dialog.id, second!.id)
    expect(texts(chat)).toEqual(['message 1'])
    expect(chat.store.state.participatingDialogs[0]).toMatchObject({ unread_count: 1, last_message: { id: first!.id } })
  })

  test('presence follows members and events, and is unknown without a connection', async () => {
    const { chat } = await opened()
    expect(chat.actions.isUserOnline('boris')).toBe(false)
    world.server.tell(['anna'], { type: 'presence.update', user_id: 'boris', is_online: true })
    expect(chat.actions.isUserOnline('boris')).toBe(true)
    expect(chat.store.state.participants.find((p) => p.user_id === 'boris')!.is_online).toBe(true)
    world.server.cut()
    expect(chat.store.state.onlineUsers.size).toBe(0)
  })

  test('typing is told at most every three seconds, shown for five, and ends with the message', async () => {
    const { chat, dialog } = await opened()
    const boris = world.chatOf('boris', { dialogId: dialog.id })
    await settle()
    for (let i = 0; i < 10; i++) {
      boris.actions.sendTyping()
      await settle(400)
    }
    const told = world.server.sockets.flatMap((s) => s.received).filter((f) => f.type === 'typing')
    expect(told).toHaveLength(2)
    expect(chat.store.state.typingUsers).toEqual(['boris'])
    await settle(5000)
    expect(chat.store.state.typingUsers).toEqual([])
    boris.actions.sendTyping()
    expect(chat.actions.typingIn(dialog.id)).toEqual(['boris'])
    await boris.actions.sendMessage('done')
    expect(chat.store.state.typingUsers).toEqual([])
  })

  test('W13: errors of the socket are told', async () => {
    const { chat } = await opened()
    world.server.sockets[0]!.end(4401, 'withdrawn')
    await settle(100)
    expect(chat.store.state).toMatchObject({
      connectionState: 'unauthorized',
      isConnected: false,
      error: { code: 'UNAUTHORIZED', message: 'withdrawn' },
    })
  })
})

describe('W9: a changed config', () => {
  const config = (userId: string, more = {}) => ({
    baseUrl: 'http://chat.test',
    userId,
    scopeConfig: { scopeLevel0: ['north'], scopeLevel1: ['dispatch'], scopeLevel2: [] },
    userProfile: { displayName: userId, company: 'North' },
    ...more,
  })

  test('another user: other lists, another connection, nothing left of the first', async () => {
    const { chat } = await opened()
    const dialog = world.server.addDialog({ members: ['vera'], title: 'Hers' })
    chat.configure(config('vera'))
    await settle()
    expect(world.server.sockets.map((s) => s.userId)).toEqual(['vera'])
    expect(chat.store.state.participatingDialogs.map((d) => d.id)).toEqual([dialog.id])
    expect(chat.store.state.isConnected).toBe(true)
  })

  test('another user while an object is looked for: what comes back for the first opens nothing', async () => {
    world.server.addDialog({ members: ['anna'], objectType: 'lot', objectId: '9' })
    const answer = world.server.hold('GET', /by-object/)
    const chat = world.chatOf('anna', { mode: 'inline', objectType: 'lot', objectId: '9' })
    await settle()
    chat.configure(config('vera'))
    answer()
    await settle()
    expect(world.server.asked('GET', /by-object/)).toHaveLength(2)
    expect(world.server.asked('GET', /messages|participants/)).toEqual([])
    expect(chat.store.state.currentDialog?.i_am_participant).not.toBe(true)
  })

  test('other scopes or another server: reconnects and keeps the dialog open', async () => {
    const { chat, dialog } = await opened()
    chat.configure(config('anna', { baseUrl: 'http://other.test' }))
    await settle()
    expect(world.server.sockets.map((s) => new URL(s.url).host)).toEqual(['other.test'])
    expect(chat.store.state.currentDialog?.id).toBe(dialog.id)
    expect(texts(chat)).toEqual(['message 1'])
  })

  test('another token: used from the next call on, without a new connection', async () => {
    const { chat } = await opened()
    const socket = world.server.sockets[0]
    chat.configure(config('anna', { token: 'anna:2' }))
    await chat.actions.loadParticipatingDialogs()
    expect(world.server.requests.at(-1)!.headers.get('authorization')).toBe('Bearer anna:2')
    expect(world.server.sockets[0]).toBe(socket)
  })

  test('another object or mode: other dialogs, nothing open', async () => {
    const { chat } = await opened()
    const dialog = world.server.addDialog({ members: ['anna'], objectType: 'lot', objectId: '9' })
    chat.rescope({ mode: 'inline', objectType: 'lot', objectId: '9' })
    expect(chat.store.state.messages).toEqual([])
    await settle()
    expect(chat.store.state.currentDialog?.id).toBe(dialog.id)
  })
})
