import { describe, expect, test, vi } from 'vitest'
import { MTChatError } from '../../src'
import type { Chat } from '../../src/state'
import { FakeServer } from '../fakeServer'
import { settle, texts, useWorld, withChangesLoaded } from '../people'

const world = useWorld()

async function opened(more: Parameters<typeof world.chatOf>[1] = {}) {
  const dialog = world.server.addDialog({ members: ['anna', 'boris'] })
  world.server.say(dialog.id, 'boris', 'first')
  const chat = world.chatOf('anna', { dialogId: dialog.id, ...more })
  await settle()
  return { chat, dialog }
}

const deliveries = (chat: Chat) => chat.store.state.messages.map((m) => m.delivery)

describe('W17: sending', () => {
  test('a message is on the screen before the server has it, and keeps its key when it does', async () => {
    const { chat, dialog } = await opened()
    const open = world.server.hold('POST', /messages$/)
    const sent = chat.actions.sendMessage('<p>hello</p>')
    const pending = chat.store.state.messages.at(-1)!
    expect(pending).toMatchObject({ content: '<p>hello</p>', sender_id: 'anna', delivery: 'sending' })
    open()
    await settle()
    const message = await sent
    expect(message).toMatchObject({ id: world.server.dialogs.get(dialog.id)!.messages[1]!.id })
    expect(chat.store.state.messages.at(-1)!.client_message_id).toBe(pending.client_message_id)
    expect(deliveries(chat)).toEqual([undefined, undefined])
  })

  test('the echo of the socket, which comes first, makes no second message at any moment', async () => {
    const { chat } = await opened()
    const lengths: number[] = []
    chat.store.subscribe(() => lengths.push(chat.store.state.messages.length))
    await chat.actions.sendMessage('once')
    await settle()
    expect(texts(chat)).toEqual(['first', 'once'])
    expect(Math.max(...lengths)).toBe(2)
  })

  test('a message sent from another tab is shown', async () => {
    const { chat, dialog } = await opened()
    world.server.say(dialog.id, 'anna', 'from my phone')
    await settle()
    expect(texts(chat)).toEqual(['first', 'from my phone'])
  })

  test('order is kept: the next waits for the answer of the one before', async () => {
    const { chat } = await opened()
    const open = world.server.hold('POST', /messages$/)
    for (const text of ['a', 'b', 'c']) void chat.actions.sendMessage(text)
    await settle()
    expect(world.server.asked('POST', /messages$/)).toHaveLength(1)
    expect(texts(chat)).toEqual(['first', 'a', 'b', 'c'])
    open()
    await settle()
    expect(texts(chat)).toEqual(['first', 'a', 'b', 'c'])
    expect(chat.store.state.outbox).toEqual([])
  })

  test('cut off while sending: it waits, is repeated under the same key, and is there once', async () => {
    const { chat, dialog } = await opened()
    world.server.cut()
    const sent = chat.actions.sendMessage('across the gap')
    await settle(10)
    expect(deliveries(chat).at(-1)).toBe('queued')
    world.server.mend()
    await settle(60_000)
    await expect(sent).resolves.toMatchObject({ content: 'across the gap' })
    const keys = world.server.asked('POST', /messages$/).map((r) => r.body.client_message_id)
    expect(new Set(keys).size).toBe(1)
    expect(world.server.dialogs.get(dialog.id)!.messages).toHaveLength(2)
  })

  test('an answer lost on its way makes no second message', async () => {
    const { chat, dialog } = await opened()
    const send = vi.spyOn(chat.client.api, 'sendMessage')
    send.mockImplementationOnce(async (id, content, options) => {
      world.server.say(id, 'anna', content, { key: options!.clientMessageId! })
      throw new MTChatError('NETWORK_ERROR', 'lost')
    })
    void chat.actions.sendMessage('once')
    await settle(60_000)
    expect(send).toHaveBeenCalledTimes(2)
    expect(world.server.dialogs.get(dialog.id)!.messages).toHaveLength(2)
    expect(texts(chat)).toEqual(['first', 'once'])
  })

  test('a server that cannot tell a repeat is not asked twice unbidden', async () => {
    world.replaceServer(new FakeServer({ legacy: true }))
    const { chat } = await opened()
    world.server.cut()
    chat.actions.sendMessage('once').catch(() => undefined)
    await settle(60_000)
    expect(world.server.asked('POST', /messages$/)).toHaveLength(1)
    expect(deliveries(chat).at(-1)).toBe('failed')
  })

  test('an unsent message is shown with its file and its quote', async () => {
    const { chat } = await opened()
    const quoted = chat.store.state.messages[0]!
    chat.actions.setReplyTo(quoted)
    world.server.hold('POST', /messages$/)
    const file = {
      s3_key: 'k',
      filename: 'a.png',
      content_type: 'image/png',
      size: 3,
      preview_url: 'blob:1',
      width: 4,
      height: 5,
    }
    void chat.actions.sendMessage('see', [file])
    expect(chat.store.state.messages.at(-1)).toMatchObject({
      reply_to_id: quoted.id,
      attachments: [{ id: 'k', filename: 'a.png', url: 'blob:1', width: 4, height: 5 }],
    })
    expect(chat.store.state.replyToMessage).toBeNull()
  })
})

describe('W2: a failed send', () => {
  test('stays with its text, tells why, and does not hold up the next', async () => {
    const { chat } = await opened()
    world.server.refuse('POST', /messages$/, 500)
    await expect(chat.actions.sendMessage('precious')).rejects.toMatchObject({ status: 500 })
    expect(chat.store.state.error).toMatchObject({ status: 500 })
    expect(chat.store.state.messages.at(-1)).toMatchObject({ content: 'precious', delivery: 'failed' })
    await chat.actions.sendMessage('next')
    expect(texts(chat)).toEqual(['first', 'next', 'precious'])
  })

  test('goes out on retry', async () => {
    const { chat } = await opened()
    world.server.refuse('POST', /messages$/, 500)
    await chat.actions.sendMessage('precious').catch(() => undefined)
    chat.actions.retryMessage(chat.store.state.messages.at(-1)!.client_message_id!)
    await settle()
    expect(texts(chat)).toEqual(['first', 'precious'])
    expect(deliveries(chat)).toEqual([undefined, undefined])
  })

  test('is given back on discard', async () => {
    const { chat } = await opened()
    world.server.refuse('POST', /messages$/, 500)
    await chat.actions.sendMessage('precious').catch(() => undefined)
    const entry = chat.actions.discardMessage(chat.store.state.messages.at(-1)!.client_message_id!)
    expect(entry?.content).toBe('precious')
    expect(texts(chat)).toEqual(['first'])
  })

  test('does not appear in another dialog', async () => {
    const { chat } = await opened()
    const other = world.server.addDialog({ members: ['anna'] })
    world.server.refuse('POST', /messages$/, 500)
    await chat.actions.sendMessage('precious').catch(() => undefined)
    await chat.actions.selectDialog(other.id)
    expect(texts(chat)).toEqual([])
    expect(chat.store.state.outbox).toHaveLength(1)
  })
})

describe('optimistic changes', () => {
  withChangesLoaded()

  test('an edit is seen at once, keeps the files, and is taken back when refused', async () => {
    const { chat, dialog } = await opened()
    const attachments = [{ id: 'f', filename: 'a', content_type: 'text/plain', size: 1, url: 'u' }]
    const mine = world.server.say(dialog.id, 'anna', 'befor', { attachments })
    await settle()
    const edited = chat.actions.editMessage(mine.id, 'before')
    expect(texts(chat).at(-1)).toBe('before')
    await edited
    expect(chat.store.state.messages.at(-1)).toMatchObject({ content: 'before', attachments })
    expect(chat.store.state.participatingDialogs[0]!.last_message!.content).toBe('before')
    world.server.refuse('PUT', /messages/, 403)
    await chat.actions.editMessage(mine.id, 'after').catch(() => undefined)
    expect(texts(chat).at(-1)).toBe('before')
    expect(chat.store.state.error).toMatchObject({ status: 403 })
  })

  test('a deletion is seen at once, also as a quote, and is taken back when refused', async () => {
    const { chat, dialog } = await opened()
    const mine = world.server.say(dialog.id, 'anna', 'oops')
    await settle()
    world.server.refuse('DELETE', /messages/, 500)
    const gone = chat.actions.deleteMessage(mine.id)
    expect(texts(chat)).toEqual(['first'])
    expect(chat.actions.getReplyMessage(mine.id)).toBeNull()
    expect(chat.store.state.participatingDialogs[0]!.last_message!.content).toBe('first')
    await expect(gone).rejects.toMatchObject({ status: 500 })
    expect(texts(chat)).toEqual(['first', 'oops'])
    expect(chat.actions.getReplyMessage(mine.id)).toMatchObject({ content: 'oops' })
    expect(chat.store.state.participatingDialogs[0]!.last_message!.content).toBe('oops')
  })

  test('pin, mute and archive are seen at once and taken back when refused', async () => {
    const { chat, dialog } = await opened()
    world.server.refuse('POST', /pin$|notifications$|archive$/, 500, { times: 3 })
    const row = () => chat.store.state.participatingDialogs[0]
    const pinned = chat.actions.pinDialog(dialog.id)
    expect(row()).toMatchObject({ is_pinned: true })
    const muted = chat.actions.toggleNotifications(dialog.id)
    expect(row()).toMatchObject({ notifications_enabled: false })
    const archived = chat.actions.archiveDialog(dialog.id)
    expect(row()).toBeUndefined()
    expect(chat.store.state.archivedDialogs).toHaveLength(1)
    await Promise.allSettled([pinned, muted, archived])
    expect(row()).toMatchObject({ is_pinned: false, notifications_enabled: true, is_archived: false })
    expect(chat.store.state.archivedDialogs).toEqual([])
  })
})

describe('W1: drafts', () => {
  test('text and reply target belong to their dialog', async () => {
    const { chat, dialog } = await opened()
    const other = world.server.addDialog({ members: ['anna'] })
    const quoted = chat.store.state.messages[0]!
    chat.actions.setDraft('half a thought')
    chat.actions.setReplyTo(quoted)
    await chat.actions.selectDialog(other.id)
    expect(chat.store.state).toMatchObject({ draft: { content: '' }, replyToMessage: null })
    expect([...chat.store.state.draftDialogIds]).toEqual([dialog.id])
    await chat.actions.selectDialog(dialog.id)
    expect(chat.store.state).toMatchObject({ draft: { content: 'half a thought' }, replyToMessage: quoted })
  })

  test('replying and editing exclude each other; an edit leaves the draft alone', async () => {
    const { chat } = await opened()
    const message = chat.store.state.messages[0]!
    chat.actions.setDraft('mine')
    chat.actions.setReplyTo(message)
    chat.actions.setEditMessage(message)
    expect(chat.store.state).toMatchObject({ replyToMessage: null, editingMessage: message })
    await chat.actions.editMessage(message.id, 'x')
    expect(chat.store.state).toMatchObject({ editingMessage: null, draft: { content: 'mine' } })
  })

  test('a sent message is no draft any more; texts survive a reload where they may be stored', async () => {
    const stored = new Map<string, string>()
    const draftStorage = {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => void stored.set(key, value),
      removeItem: (key: string) => void stored.delete(key),
    }
    const { chat, dialog } = await opened({ draftStorage })
    chat.actions.setDraft('later')
    await settle(500)
    const reloaded = world.chatOf('anna', { dialogId: dialog.id, draftStorage })
    await settle()
    expect(reloaded.store.state.draft.content).toBe('later')
    await chat.actions.sendMessage('later')
    expect(chat.store.state.draftDialogIds.size).toBe(0)
    expect(stored.size).toBe(0)
  })
})
