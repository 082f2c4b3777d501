import { describe, expect, test } from 'vitest'
import { FakeServer } from '../fakeServer'
import { settle, texts, useWorld } from '../people'

const world = useWorld()

/** Dialogs of anna, each with a message, so that their order is that of making. */
function addDialogs(count: number) {
  return Array.from({ length: count }, (_, i) => {
    const dialog = world.server.addDialog({
      members: ['anna', 'boris'],
      title: `Order ${i + 1}`,
      objectId: String(i + 1),
    })
    world.server.say(dialog.id, 'boris', `hello ${i + 1}`)
    return dialog
  })
}

async function running(options: Parameters<typeof world.chatOf>[1] = {}) {
  const chat = world.chatOf('anna', options)
  await settle()
  return chat
}

const titles = (dialogs: { title?: string | null }[]) => dialogs.map((d) => d.title)

describe('W7: the list of dialogs', () => {
  test('120 dialogs are all reachable, page by page', async () => {
    addDialogs(120)
    const chat = await running()
    expect(chat.store.state.participatingDialogs).toHaveLength(50)
    for (const expected of [100, 120]) {
      expect(chat.store.state.hasMoreDialogs.participating).toBe(true)
      await chat.actions.loadMoreDialogs('participating')
      expect(chat.store.state.participatingDialogs).toHaveLength(expected)
    }
    expect(chat.store.state.hasMoreDialogs.participating).toBe(false)
    expect(titles(chat.store.state.participatingDialogs)).toEqual(
      Array.from({ length: 120 }, (_, i) => `Order ${120 - i}`),
    )
  })

  test('a new dialog appears live, after one request however many events announce it', async () => {
    addDialogs(1)
    const chat = await running()
    const before = world.server.requests.length
    const dialog = world.server.addDialog({ members: ['boris'], title: 'New' })
    world.server.join(dialog.id, 'anna')
    for (const text of ['a', 'b', 'c']) world.server.say(dialog.id, 'boris', text)
    await settle(300)
    expect(titles(chat.store.state.participatingDialogs)).toEqual(['New', 'Order 1'])
    expect(chat.store.state.participatingDialogs[0]!.unread_count).toBe(3)
    expect(world.server.asked('GET', /^\/dialogs$/, before).map((r) => r.query.get('type'))).toEqual([
      'participating',
      'available',
    ])
  })

  test('what happens while the list is on its way is looked for after it: the answer may be older', async () => {
    const dialog = world.server.addDialog({ members: ['boris'], title: 'New' })
    const open = world.server.hold('GET', /^\/dialogs$/)
    const chat = await running()
    world.server.join(dialog.id, 'anna')
    await settle(500)
    const before = world.server.requests.length
    open()
    await settle(300)
    expect(titles(chat.store.state.participatingDialogs)).toEqual(['New'])
    expect(world.server.asked('GET', /^\/dialogs$/, before).map((r) => r.query.get('type'))).toEqual([
      'participating',
      'available',
    ])
  })

  test('a dialog the list would not show is looked for once, not with each of its messages', async () => {
    const chat = await running()
    const dialog = world.server.addDialog({ members: ['anna', 'boris'], title: 'Elsewhere' })
    chat.actions.setSearchQuery('nothing like it')
    await chat.actions.loadDialogs()
    const before = world.server.requests.length
    for (let i = 0; i < 5; i++) {
      world.server.say(dialog.id, 'boris', 'x')
      await settle(1000)
    }
    expect(world.server.asked('GET', /^\/dialogs$/, before)).toHaveLength(1)
    expect(chat.store.state.participatingDialogs).toEqual([])
  })

  test('activity and pins order it; a message from the other side counts', async () => {
    const [first] = addDialogs(3)
    const chat = await running()
    world.server.say(first!.id, 'boris', 'again')
    expect(chat.store.state.participatingDialogs[0]).toMatchObject({ title: 'Order 1', unread_count: 2 })
    await chat.actions.pinDialog(chat.store.state.participatingDialogs[2]!.id)
    expect(titles(chat.store.state.participatingDialogs)).toEqual(['Order 2', 'Order 1', 'Order 3'])
  })

  test('both lists are asked for at once, and one object with one request', async () => {
    addDialogs(2)
    world.server.addDialog({ members: ['boris'], title: 'Joinable', objectId: '2' })
    world.server.hold('GET', /dialogs/)
    await running()
    expect(world.server.requests).toHaveLength(2)
    world.replaceServer(new FakeServer())
    addDialogs(2)
    world.server.addDialog({ members: ['boris'], title: 'Joinable', objectId: '2' })
    const chat = await running({ mode: 'full', objectType: 'order', objectId: '2' })
    expect(world.server.requests).toHaveLength(1)
    expect(titles(chat.store.state.participatingDialogs)).toEqual(['Order 2'])
    expect(titles(chat.store.state.availableDialogs)).toEqual(['Joinable'])
  })

  test('a slow answer to an old search does not replace the new one', async () => {
    addDialogs(3)
    const chat = await running()
    const open = world.server.hold('GET', /^\/dialogs$/)
    chat.actions.setSearchQuery('order 1')
    const slow = chat.actions.loadParticipatingDialogs()
    chat.actions.setSearchQuery('order 2')
    const quick = chat.actions.loadParticipatingDialogs()
    open()
    await Promise.all([slow, quick])
    expect(titles(chat.store.state.participatingDialogs)).toEqual(['Order 2'])
    expect(chat.store.state.error).toBeNull()
  })

  test('archived elsewhere, pinned elsewhere: the rows follow', async () => {
    const [dialog] = addDialogs(1)
    const chat = await running()
    const other = await running()
    await other.actions.pinDialog(dialog!.id)
    await settle()
    expect(chat.store.state.participatingDialogs[0]).toMatchObject({ is_pinned: true })
    await other.actions.archiveDialog(dialog!.id)
    await settle(300)
    expect(chat.store.state.participatingDialogs).toEqual([])
    expect(chat.store.state.archivedDialogs).toHaveLength(1)
  })
})

describe('W15: loading', () => {
  test('of a list is told apart from loading of messages', async () => {
    const [dialog] = addDialogs(1)
    const chat = await running({ dialogId: dialog!.id })
    world.server.hold('GET', /^\/dialogs$/)
    void chat.actions.loadDialogs()
    expect(chat.store.state).toMatchObject({ isLoadingDialogs: true, isLoadingMessages: false })
    await chat.actions.sendMessage('still possible')
    expect(texts(chat)).toContain('still possible')
  })

  test('a failing list tells its error and rejects; paging tells by there being no more', async () => {
    addDialogs(60)
    const chat = await running()
    world.server.refuse('GET', /^\/dialogs$/, 400, { times: 2 })
    await expect(chat.actions.loadParticipatingDialogs()).rejects.toMatchObject({ status: 400 })
    expect(chat.store.state.error).toMatchObject({ code: 'REFUSED', status: 400 })
    await chat.actions.loadMoreDialogs('participating')
    expect(chat.store.state.hasMoreDialogs.participating).toBe(false)
  })
})

describe('membership', () => {
  test('join moves the dialog over and loads it; leave takes it away and closes it', async () => {
    const dialog = world.server.addDialog({ members: ['boris'], title: 'Joinable' })
    world.server.say(dialog.id, 'boris', 'history')
    const chat = await running({ dialogId: dialog.id })
    expect(chat.store.state.currentDialog).toMatchObject({ can_join: true, i_am_participant: false })
    expect(texts(chat)).toEqual([])
    await chat.actions.joinDialog(dialog.id, { display_name: 'Anna', company: 'North' })
    await settle(300)
    expect(texts(chat)).toEqual(['history'])
    expect(chat.store.state.currentDialog).toMatchObject({ i_am_participant: true })
    expect(titles(chat.store.state.participatingDialogs)).toEqual(['Joinable'])
    expect(chat.store.state.availableDialogs).toEqual([])

    await chat.actions.leaveDialog(dialog.id)
    await settle(300)
    expect(chat.store.state).toMatchObject({ currentDialog: null, participatingDialogs: [], messages: [] })
    expect(titles(chat.store.state.availableDialogs)).toEqual(['Joinable'])
  })

  test('removed by somebody else: the open dialog offers to join again, or goes when it may not be seen', async () => {
    const [dialog] = addDialogs(1)
    const chat = await running({ dialogId: dialog!.id })
    world.server.leave(dialog!.id, 'anna')
    await settle(300)
    expect(chat.store.state.participatingDialogs).toEqual([])
    expect(chat.store.state.currentDialog).toMatchObject({ can_join: true, i_am_participant: false })
  })

  test('others who come and go change the count and the members', async () => {
    const [dialog] = addDialogs(1)
    const chat = await running({ dialogId: dialog!.id })
    world.server.join(dialog!.id, 'vera')
    await settle(300)
    expect(chat.store.state.currentDialog!.participants_count).toBe(3)
    expect(chat.store.state.participants.map((p) => p.user_id)).toEqual(['anna', 'boris', 'vera'])
  })

  test('a refused join leaves everything as it was', async () => {
    const dialog = world.server.addDialog({ members: ['boris'] })
    const chat = await running({ dialogId: dialog.id })
    world.server.refuse('POST', /join$/, 403)
    await expect(chat.actions.joinDialog(dialog.id, { display_name: 'A', company: '' })).rejects.toMatchObject({
      status: 403,
    })
    expect(chat.store.state.availableDialogs).toHaveLength(1)
    expect(chat.store.state.isActing).toBe(false)
  })
})
