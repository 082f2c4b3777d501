/** Everything a chat UI draws from, as one plain record. Each change replaces the value, so identity tells what changed. */
import type { DialogListItem, DialogParticipant, Message } from '../types'
import type { Draft } from './drafts'
import type { OutboxEntry } from './outbox'

export type ConnectionState = 'idle' | 'connecting' | 'online' | 'waiting' | 'unauthorized'
export type DialogListKind = 'participating' | 'available' | 'archived'

export interface ChatState {
  /** Window of the open dialog, oldest first; own messages on their way are at its end (see `Message.delivery`). */
  messages: Message[]
  participatingDialogs: DialogListItem[]
  availableDialogs: DialogListItem[]
  archivedDialogs: DialogListItem[]
  /** Which lists have further pages: `loadMoreDialogs(kind)`. */
  hasMoreDialogs: Readonly<Record<DialogListKind, boolean>>
  /** Members of the open dialog. */
  participants: DialogParticipant[]
  currentDialog: DialogListItem | null
  connectionState: ConnectionState
  /** The server's greeting was received. */
  isConnected: boolean
  isLoadingDialogs: boolean
  isLoadingMessages: boolean
  /** A join or leave is running. */
  isActing: boolean
  /** Last failure; null again when the next operation starts. */
  error: Error | null
  /** Where the divider stands. */
  firstUnreadMessageId: string | null
  replyToMessage: Message | null
  editingMessage: Message | null
  searchQuery: string
  onlineUsers: ReadonlySet<string>
  /** Quoted messages outside the window; null: deleted. */
  replyMessagesCache: ReadonlyMap<string, Message | null>
  hasMoreMessages: boolean
  hasMoreAfter: boolean
  isLoadingOlder: boolean
  isLoadingNewer: boolean
  isJumpingToMessage: boolean
  /** True for 300 ms after a jump or a page: the UI must not page on its own scrolling. */
  jumpCooldown: boolean
  /** Sends not confirmed yet, of all dialogs, oldest first. */
  outbox: readonly OutboxEntry[]
  /** Others who type in the open dialog. */
  typingUsers: readonly string[]
  /** Others who type, by dialog; dialogs where nobody types are not in it. */
  typingByDialog: ReadonlyMap<string, readonly string[]>
  /** What is typed in the open dialog. */
  draft: Draft
  /** Dialogs with something typed and not sent. */
  draftDialogIds: ReadonlySet<string>
}
