import { mount } from '@vue/test-utils'
import { FakeServer } from '@mtchat/client/test'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { computed, defineComponent, effectScope, h, nextTick, reactive, ref, type EffectScope } from 'vue'
import type { MTChatConfig } from '@mtchat/client'
import { useChat, type UseChatOptions, type UseChatReturn } from '../../src/headless'

let server: FakeServer
let scopes: EffectScope[]

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2031-04-05T06:00:00Z') })
  server = new FakeServer().install()
  scopes = []
})

afterEach(() => {
  for (const scope of scopes) scope.stop()
  server.uninstall()
  vi.useRealTimers()
})

const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

function configOf(userId: string, more: Partial<MTChatConfig> = {}): MTChatConfig {
  return {
    baseUrl: 'http://chat.test',
    userId,
    scopeConfig: { scopeLevel0: ['north'], scopeLevel1: [], scopeLevel2: [] },
    userProfile: { displayName: userId, company: 'North' },
    ...more,
  }
}

/** A chat outside of components. */
function chatWith(options: UseChatOptions): UseChatReturn {
  const scope = effectScope()
  scopes.push(scope)
  return scope.run(() => useChat(options))!
}

/** Every member of section 4.1 of the surface. */
const MEMBERS = `
  messages participatingDialogs availableDialogs archivedDialogs participants currentDialog isConnected isLoading
  isLoadingDialogs isLoadingMessages error firstUnreadMessageId replyToMessage editingMessage searchQuery onlineUsers
  replyMessagesCache hasMoreMessages hasMoreAfter isLoadingOlder isLoadingNewer isJumpingToMessage jumpCooldown api
  connect disconnect subscribe unsubscribe loadDialogs loadParticipatingDialogs loadAvailableDialogs loadArchivedDialogs
  loadDialogsByObject loadArchivedDialogsByObject loadDialogByObject setSearchQuery selectDialog joinDialog leaveDialog
  archiveDialog unarchiveDialog pinDialog unpinDialog toggleNotifications loadMessages loadOlderMessages
  loadNewerMessages resetToLatest jumpToMessage enableScrollCooldown sendMessage editMessage deleteMessage markAsRead
  setReplyTo clearReplyTo setEditMessage clearEditMessage getReplyMessage fetchReplyMessage isUserOnline
`
  .trim()
  .split(/\s+/)

describe('useChat', () => {
  test('has every member a host of the original knows', () => {
    const chat = chatWith({ config: configOf('anna'), autoConnect: false })
    expect(MEMBERS.filter((name) => !(name in chat))).toEqual([])
  })

  test('starts when its component is mounted, and lets go when it is unmounted', async () => {
    const dialog = server.addDialog({ members: ['anna', 'boris'] })
    let chat!: UseChatReturn
    const component = defineComponent({
      setup() {
        chat = useChat({ config: configOf('anna'), dialogId: dialog.id })
        expect(server.requests).toHaveLength(0)
        return () =>
          h(
            'ol',
            chat.messages.value.map((m) => h('li', m.content)),
          )
      },
    })
    const wrapper = mount(component)
    await settle()
    server.say(dialog.id, 'boris', 'hello')
    await settle()
    expect(wrapper.text()).toBe('hello')
    expect(chat.isConnected.value).toBe(true)
    wrapper.unmount()
    expect(server.sockets).toEqual([])
    const before = server.requests.length
    await settle(120_000)
    expect(server.requests).toHaveLength(before)
  })

  test.each([
    ['plain values', (id: string) => ({ config: configOf('anna'), dialogId: id })],
    ['refs', (id: string) => ({ config: ref(configOf('anna')), dialogId: ref(id) })],
    ['getters', (id: string) => ({ config: () => configOf('anna'), dialogId: () => id })],
  ])('takes %s', async (_name, options) => {
    const dialog = server.addDialog({ members: ['anna'] })
    const chat = chatWith(options(dialog.id))
    await settle()
    expect(chat.currentDialog.value?.id).toBe(dialog.id)
  })

  test('autoConnect: false reads the lists but opens no socket until connect()', async () => {
    const chat = chatWith({ config: configOf('anna'), autoConnect: false })
    await settle()
    expect(server.dialled).toHaveLength(0)
    chat.connect()
    await settle()
    expect(chat.isConnected.value).toBe(true)
  })

  test('W9: follows userId, changed in place or as a whole', async () => {
    server.addDialog({ members: ['anna'], title: 'of anna' })
    server.addDialog({ members: ['vera'], title: 'of vera' })
    const config = reactive(configOf('anna'))
    const chat = chatWith({ config })
    await settle()
    const { api } = chat
    config.userId = 'vera'
    await settle()
    expect(chat.participatingDialogs.value.map((d) => d.title)).toEqual(['of vera'])
    expect(chat.api).not.toBe(api)
    expect(server.sockets.map((s) => s.userId)).toEqual(['vera'])
  })

  test('W9: follows scopes and baseUrl; callbacks are those of now', async () => {
    const config = ref(configOf('anna', { onDisconnect: () => expect.unreachable() }))
    chatWith({ config })
    await settle()
    const onDisconnect = vi.fn()
    config.value = { ...config.value, onDisconnect }
    await settle()
    expect(server.dialled).toHaveLength(1)
    config.value.scopeConfig.scopeLevel0.push('юг')
    await settle()
    expect(server.dialled).toHaveLength(2)
    const scopesSent = JSON.parse(atob(server.requests.at(-1)!.headers.get('x-scope-config')!))
    expect(scopesSent.scope_level0).toEqual(['north', 'юг'])
    server.cut()
    expect(onDisconnect).toHaveBeenCalledOnce()
  })

  test('W9: follows objectId, objectType alone, and mode', async () => {
    const lot = server.addDialog({ members: ['anna'], objectType: 'lot', objectId: '1' })
    const order = server.addDialog({ members: ['anna'], objectType: 'order', objectId: '1' })
    const [objectType, mode] = [ref('lot'), ref<'inline' | 'full'>('inline')]
    const chat = chatWith({ config: configOf('anna'), mode, objectType, objectId: '1' })
    await settle()
    expect(chat.currentDialog.value?.id).toBe(lot.id)
    objectType.value = 'order'
    await settle()
    expect(chat.currentDialog.value?.id).toBe(order.id)
    mode.value = 'full'
    await settle()
    expect(chat.currentDialog.value).toBeNull()
    expect(chat.participatingDialogs.value.map((d) => d.id)).toEqual([order.id])
  })

  test('a changed dialogId opens that dialog; the same or none does nothing', async () => {
    const [a, b] = [server.addDialog({ members: ['anna'] }), server.addDialog({ members: ['anna'] })]
    const dialogId = ref<string | undefined>(a.id)
    const chat = chatWith({ config: configOf('anna'), dialogId })
    await settle()
    dialogId.value = b.id
    await settle()
    expect(chat.currentDialog.value?.id).toBe(b.id)
    const before = server.requests.length
    dialogId.value = undefined
    await settle()
    dialogId.value = b.id
    await settle()
    expect(chat.currentDialog.value?.id).toBe(b.id)
    expect(server.requests).toHaveLength(before)
  })

  test('only what changed is written: a typing signal renders no message again', async () => {
    const dialog = server.addDialog({ members: ['anna', 'boris'] })
    const chat = chatWith({ config: configOf('anna'), dialogId: dialog.id })
    await settle()
    const rendered = vi.fn(() => chat.messages.value.length)
    const lines = computed(rendered)
    expect(lines.value).toBe(0)
    server.tell(['anna'], { type: 'typing', dialog_id: dialog.id, user_id: 'boris' })
    await nextTick()
    expect(lines.value).toBe(0)
    expect(rendered).toHaveBeenCalledOnce()
    expect(chat.typingUsers.value).toEqual(['boris'])
  })

  test('isLoading covers lists, messages and actions; the total of unread leaves muted dialogs out', async () => {
    const [a, b] = [server.addDialog({ members: ['anna', 'boris'] }), server.addDialog({ members: ['anna', 'boris'] })]
    server.fill(a.id, 'boris', 2)
    server.fill(b.id, 'boris', 3)
    const chat = chatWith({ config: configOf('anna') })
    expect(chat.isLoading.value).toBe(true)
    await settle()
    expect(chat.isLoading.value).toBe(false)
    expect(chat.totalUnread.value).toBe(5)
    await chat.toggleNotifications(b.id)
    expect(chat.totalUnread.value).toBe(2)
  })

  test('searchQuery may be bound: writing it does not load', async () => {
    const chat = chatWith({ config: configOf('anna') })
    await settle()
    const before = server.requests.length
    chat.searchQuery.value = 'gate'
    await settle()
    expect(chat.searchQuery.value).toBe('gate')
    expect(server.requests).toHaveLength(before)
    await chat.loadDialogs()
    expect(server.requests.at(-1)!.query.get('search')).toBe('gate')
  })
})

/** The answers as a template shows them: rendered once, again only when an answer changed. */
describe('questions a template asks are answered anew when the answer changes', () => {
  /** What is rendered now. */
  function shown(chat: UseChatReturn, ask: (chat: UseChatReturn) => unknown): () => string {
    const wrapper = mount(() => h('p', String(ask(chat))))
    return () => wrapper.text()
  }

  test('isUserOnline follows presence, and nobody is known to be there without a connection', async () => {
    server.addDialog({ members: ['anna', 'boris'] })
    const chat = chatWith({ config: configOf('anna') })
    const answer = shown(chat, ({ isUserOnline }) => isUserOnline('boris'))
    await settle()
    expect(answer()).toBe('false')
    server.tell(['anna'], { type: 'presence.update', user_id: 'boris', is_online: true })
    await nextTick()
    expect(answer()).toBe('true')
    server.tell(['anna'], { type: 'presence.update', user_id: 'boris', is_online: false })
    await nextTick()
    expect(answer()).toBe('false')
    server.tell(['anna'], { type: 'presence.update', user_id: 'boris', is_online: true })
    await nextTick()
    server.cut()
    await nextTick()
    expect(answer()).toBe('false')
  })

  test('typingIn follows a dialog that is not open: who begins, and who stops or sends', async () => {
    const [open, other] = [1, 2].map(() => server.addDialog({ members: ['anna', 'boris', 'vera'] }))
    const chat = chatWith({ config: configOf('anna'), dialogId: open!.id })
    const answer = shown(chat, ({ typingIn }) => typingIn(other!.id).join())
    await settle()
    for (const user_id of ['boris', 'vera']) {
      server.tell(['anna'], { type: 'typing', dialog_id: other!.id, user_id })
      await nextTick()
    }
    expect(answer()).toBe('boris,vera')
    server.say(other!.id, 'boris', 'Gate 4')
    await settle()
    expect(answer()).toBe('vera')
    await settle(5_000)
    expect(answer()).toBe('')
  })

  test('draftOf follows what is typed, replied to and sent, and the user it belongs to', async () => {
    const [first, second] = [1, 2].map(() => server.addDialog({ members: ['anna', 'vera'] }))
    const question = server.say(first!.id, 'vera', 'Which gate?')
    const config = reactive(configOf('anna'))
    const chat = chatWith({ config, dialogId: first!.id })
    const answer = shown(chat, ({ draftOf }) => {
      const { content, replyTo } = draftOf(first!.id)
      return `${replyTo?.content ?? '-'} ${content}`
    })
    await settle()
    expect(answer()).toBe('-')
    chat.setReplyTo(chat.messages.value.find(({ id }) => id === question.id)!)
    await nextTick()
    expect(answer()).toBe('Which gate?')
    for (const content of ['Ga', 'Gate 4']) {
      chat.setDraft(content)
      await nextTick()
      expect(answer()).toBe(`Which gate? ${content}`)
    }
    await chat.selectDialog(second!.id)
    expect(answer()).toBe('Which gate? Gate 4')
    await chat.selectDialog(first!.id)
    void chat.sendMessage('Gate 4')
    await settle()
    expect(answer()).toBe('-')
    chat.setDraft('Of anna alone')
    await nextTick()
    expect(answer()).toBe('- Of anna alone')
    config.userId = 'vera'
    await settle()
    expect(answer()).toBe('-')
  })

  test('an answer about one thing is not asked again for another', async () => {
    const dialog = server.addDialog({ members: ['anna', 'boris'] })
    const chat = chatWith({ config: configOf('anna'), dialogId: dialog.id })
    await settle()
    const asked = { isUserOnline: 0, typingIn: 0, draftOf: 0 }
    const answers = [
      computed(() => (asked.isUserOnline++, chat.isUserOnline('boris'))),
      computed(() => (asked.typingIn++, chat.typingIn(dialog.id))),
      computed(() => (asked.draftOf++, chat.draftOf(dialog.id))),
    ]
    const look = () => answers.forEach(({ value }) => value)
    look()
    server.say(dialog.id, 'boris', 'Nothing of the three')
    await settle()
    look()
    expect(asked).toEqual({ isUserOnline: 1, typingIn: 1, draftOf: 1 })
    server.tell(['anna'], { type: 'typing', dialog_id: dialog.id, user_id: 'boris' })
    look()
    expect(asked).toEqual({ isUserOnline: 1, typingIn: 2, draftOf: 1 })
    chat.setDraft('Gate')
    look()
    expect(asked).toEqual({ isUserOnline: 1, typingIn: 2, draftOf: 2 })
    server.tell(['anna'], { type: 'presence.update', user_id: 'boris', is_online: true })
    look()
    expect(asked).toEqual({ isUserOnline: 2, typingIn: 2, draftOf: 2 })
  })
})
