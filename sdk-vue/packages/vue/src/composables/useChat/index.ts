/** useChat: a `Chat` as refs and methods, alive as long as the component or effect scope around it. */
import { Chat, type ChatScope } from '@mtchat/client/state'
import {
  computed,
  getCurrentInstance,
  getCurrentScope,
  onMounted,
  onScopeDispose,
  shallowReactive,
  toRefs,
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

/** The state as refs; only those of changed fields tell. */
function useState({ store }: Chat) {
  const state = shallowReactive({ ...store.state })
  const stop = store.subscribe(() => Object.assign(state, store.state))
  return { refs: toRefs(state), stop }
}

/** Carry every change of the options over to the chat. */
function follow(chat: Chat, { config, dialogId }: UseChatOptions, scope: () => ChatScope): void {
  watch(
    () => toValue(config),
    (now) => chat.configure(now),
    { deep: true },
  )
  watch(
    () => JSON.stringify(scope()),
    () => chat.rescope(scope()),
  )
  watch(
    () => toValue(dialogId),
    (id) => {
      const isOpen = id === chat.store.state.currentDialog?.id
      // A failure is in `error`.
      if (id && !isOpen && scope().mode !== 'inline') chat.actions.selectDialog(id).catch(() => undefined)
    },
  )
}

export function useChat(options: UseChatOptions): UseChatReturn {
  const scope = () => ({
    mode: toValue(options.mode),
    objectType: toValue(options.objectType),
    objectId: toValue(options.objectId),
  })
  const chat = new Chat(toValue(options.config), {
    ...scope(),
    autoConnect: options.autoConnect,
    draftStorage: options.draftStorage,
  })
  const { refs, stop } = useState(chat)
  const { isActing, searchQuery, ...state } = refs
  follow(chat, options, scope)
  whenReady(() => chat.start({ dialogId: toValue(options.dialogId) }))
  if (getCurrentScope()) {
    onScopeDispose(() => {
      stop()
      chat.stop()
    })
  }
  const { draft, draftDialogIds, onlineUsers, typingByDialog } = state
  const counted = () => [...state.participatingDialogs.value, ...state.archivedDialogs.value]

  return {
    ...(state as ChatStateRefs),
    ...chat.actions,
    // Questions whose answers change: asked in a template or computed, they are asked again.
    isUserOnline: (userId) => onlineUsers.value.has(userId),
    typingIn: (dialogId) => (typingByDialog.value, chat.actions.typingIn(dialogId)),
    draftOf: (dialogId) => (draft.value, draftDialogIds.value, chat.actions.draftOf(dialogId)),
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
