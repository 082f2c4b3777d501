import type { ChatMode, MTChatApi, MTChatClient, MTChatConfig } from '@mtchat/client'
import type { ChatActions, ChatState, DraftStorage } from '@mtchat/client/state'
import type { ComputedRef, MaybeRefOrGetter, Ref, WritableComputedRef } from 'vue'

export interface UseChatOptions {
  /** Followed: a change of identity or server reconnects, callbacks are read when they are called. */
  config: MaybeRefOrGetter<MTChatConfig>
  /** Connect and load when mounted; default true. */
  autoConnect?: boolean
  mode?: MaybeRefOrGetter<ChatMode | undefined>
  /** Opened after the lists (not inline); a later change opens the new one. */
  dialogId?: MaybeRefOrGetter<string | undefined>
  objectId?: MaybeRefOrGetter<string | undefined>
  objectType?: MaybeRefOrGetter<string | undefined>
  /** Keeps typed texts over a reload; default: this page only. Pass `localStorage`. */
  draftStorage?: DraftStorage
}

/** Each field of the state as a ref; changed by the methods, never by assigning (but `searchQuery`). */
export type ChatStateRefs = { [K in Exclude<keyof ChatState, 'searchQuery' | 'isActing'>]: Ref<ChatState[K]> }

/** State as refs, and the methods of `ChatActions`, where each has its sentence. */
export interface UseChatReturn extends ChatStateRefs, ChatActions {
  searchQuery: WritableComputedRef<string>
  /** Lists, messages, a join or a leave are running. */
  isLoading: ComputedRef<boolean>
  /** Unread messages of all loaded dialogs that are not muted. */
  totalUnread: ComputedRef<number>
  /** Current after a change of the config. */
  readonly api: MTChatApi
  /** Current after a change of the config: `on()` and the rest. */
  readonly client: MTChatClient
}
