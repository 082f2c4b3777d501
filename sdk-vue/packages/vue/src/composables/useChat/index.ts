/** useChat: a `Chat` as refs and methods, alive as long as the component or effect scope around it. */
import { Chat } from '@mtchat/client/state'
import type { ChatState } from '@mtchat/client/state'
import type { ShallowRef } from 'vue'
import {
  computed,
  getCurrentInstance,
  getCurrentScope,
  onMounted,
  onScopeDispose,
  shallowRef,
  toValue,
  watch,
} from 'vue'
import type { ChatStateRefs, UseChatOptions, UseChatReturn } from './types'

export type { ChatStateRefs, UseChatOptions, UseChatReturn } from './types'

/** Start with the component; outside of one at once, but not on a server. */
function whenReady(start: () => void): void {
  if (getCurrentInstance()) onMounted(start)
  else if (typeof document !== 'undefined') start()
}

/** One shallow ref per field; only those that changed are written. */
function useState(chat: Chat) {
  const { store } = chat
  const keys = Object.keys(store.state) as (keyof ChatState)[]
  const refs = Object.fromEntries(keys.map((key) => [key, shallowRef(store.state[key])])) as {
    [K in keyof ChatState]: ShallowRef<ChatState[K]>
  }
  const stop = store.subscribe(() => {
    for (const key of keys) (refs[key] as ShallowRef<unknown>).value = store.state[key]
  })
  return { refs, stop }
}

/** Carry every change of the options over to the chat. */
function follow(chat: Chat, options: UseChatOptions): void {
  const scope = () => ({
    mode: toValue(options.mode),
    objectType: toValue(options.objectType),
    objectId: toValue(options.objectId),
  })
  watch(
    () => toValue(options.config),
    (config) => chat.configure(config),
    { deep: true },
  )
  watch(scope, (now, before) => {
    if (JSON.stringify(now) !== JSON.stringify(before)) chat.rescope(now)
  })
  watch(
    () => toValue(options.dialogId),
    (id) => {
      const isOpen = id === chat.store.state.currentDialog?.id
      // A failure is in `error`.
      if (id && !isOpen && toValue(options.mode) !== 'inline') chat.actions.selectDialog(id).catch(() => undefined)
    },
  )
}

export function useChat(options: UseChatOptions): UseChatReturn {
  const chat = new Chat(toValue(options.config), {
    mode: toValue(options.mode),
    objectType: toValue(options.objectType),
    objectId: toValue(options.objectId),
    dialogId: toValue(options.dialogId),
    autoConnect: options.autoConnect,
    draftStorage: options.draftStorage,
  })
  const { refs, stop } = useState(chat)
  const { isActing, searchQuery, ...state } = refs
  follow(chat, options)
  whenReady(() => chat.start({ dialogId: toValue(options.dialogId) }))
  if (getCurrentScope()) {
    onScopeDispose(() => {
      stop()
      chat.stop()
    })
  }
  const counted = () => [...state.participatingDialogs.value, ...state.archivedDialogs.value]

  return {
    ...(state as ChatStateRefs),
    ...chat.actions,
    searchQuery: computed({ get: () => searchQuery.value, set: chat.actions.setSearchQuery }),
    isLoading: computed(() => state.isLoadingDialogs.value || state.isLoadingMessages.value || isActing.value),
    totalUnread: computed(() =>
      counted().reduce((sum, d) => sum + (d.notifications_enabled === false ? 0 : (d.unread_count ?? 0)), 0),
    ),
    get api() {
      return chat.client.api
    },
    get client() {
      return chat.client
    },
  }
}
