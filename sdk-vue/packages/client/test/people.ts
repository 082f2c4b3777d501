/** What most tests begin with: a server, a clock that stands still, and somebody's chat. */
import { afterEach, beforeAll, beforeEach, vi } from 'vitest'
import type { MTChatConfig } from '../src'
import { Chat, type ChatOptions } from '../src/state'
import { loadChanges } from '../src/state/later'
import { FakeServer } from './fakeServer'

export const SCOPES = { scopeLevel0: ['north'], scopeLevel1: ['dispatch'], scopeLevel2: [] }

export function configOf(userId: string, more: Partial<MTChatConfig> = {}): MTChatConfig {
  const userProfile = { displayName: userId, company: 'North' }
  return { baseUrl: 'http://chat.test', userId, scopeConfig: SCOPES, userProfile, ...more }
}

/** Lets everything that is due now, and within `ms`, happen. */
export const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

/** For tests in which the clock must not wait for a file: the code of changes is here. See changes.test.ts. */
export const withChangesLoaded = () => beforeAll(async () => void (await loadChanges()))

/** A server for each test of a file, and chats that are stopped after it. */
export function useWorld(options: { legacy?: boolean } = {}) {
  const world = { server: new FakeServer() }
  let chats: Chat[] = []

  beforeEach(() => {
    vi.useFakeTimers({ now: Date.parse('2031-04-05T06:00:00Z') })
    world.server = new FakeServer(options).install()
  })

  afterEach(() => {
    for (const chat of chats) chat.stop()
    chats = []
    world.server.uninstall()
    vi.useRealTimers()
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
  })

  return {
    get server() {
      return world.server
    },
    /** Another kind of server for this test. */
    replaceServer(server: FakeServer) {
      world.server.uninstall()
      world.server = server.install()
    },
    /** A running chat of this person; nothing is waited for. */
    chatOf(userId: string, chatOptions: ChatOptions = {}, config: Partial<MTChatConfig> = {}): Chat {
      const chat = new Chat(configOf(userId, config), chatOptions)
      chats.push(chat)
      chat.start()
      return chat
    },
  }
}

/** The tab, as the browser tells of it. */
export function stubTab() {
  const documentEvents = new EventTarget()
  const windowEvents = new EventTarget()
  const tab = Object.assign(documentEvents, { visibilityState: 'visible' })
  vi.stubGlobal('document', tab)
  vi.stubGlobal('addEventListener', windowEvents.addEventListener.bind(windowEvents))
  vi.stubGlobal('removeEventListener', windowEvents.removeEventListener.bind(windowEvents))
  return {
    show() {
      tab.visibilityState = 'visible'
      documentEvents.dispatchEvent(new Event('visibilitychange'))
    },
    hide() {
      tab.visibilityState = 'hidden'
      documentEvents.dispatchEvent(new Event('visibilitychange'))
    },
    online() {
      windowEvents.dispatchEvent(new Event('online'))
    },
  }
}

/** Texts of a chat's messages, in order. */
export const texts = (chat: Chat) => chat.store.state.messages.map((m) => m.content)
