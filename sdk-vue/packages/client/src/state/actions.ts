/** What a chat can be asked to do: the methods of `useChat`, and of anything else that puts a face on a `Chat`. */
import type {
  AttachmentInput,
  AttachmentUrls,
  DialogListItem,
  JoinDialogRequest,
  Message,
  PaginationOptions,
} from '../types'
import type { DialogListKind } from './chatState'
import type { ChatContext } from './context'
import type { Draft } from './drafts'
import { withChanges, type Changes } from './later'
import type { OutboxEntry } from './outbox'
import type { Viewport } from './reading'

export interface ChatActions {
  connect(): void
  disconnect(): void
  subscribe(dialogId: string): void
  unsubscribe(dialogId: string): void

  /** What mode and object ask for: my and the joinable dialogs, those of an object, or (inline) the object's newest one, opened. */
  loadDialogs(): Promise<void>
  loadParticipatingDialogs(): Promise<void>
  loadAvailableDialogs(): Promise<void>
  loadArchivedDialogs(): Promise<void>
  loadDialogsByObject(objectType: string, objectId: string): Promise<void>
  loadArchivedDialogsByObject(objectType: string, objectId: string): Promise<void>
  /** The object's newest dialog, opened; null when there is none. */
  loadDialogByObject(objectType: string, objectId: string): Promise<DialogListItem | null>
  /** The next page of a list, if there is one. Never rejects. */
  loadMoreDialogs(kind: DialogListKind): Promise<void>
  /** Does not reload: call `loadDialogs()` after it. */
  setSearchQuery(query: string): void

  selectDialog(dialogId: string): Promise<void>
  /** Show no dialog (the list of a narrow container). */
  closeDialog(): void
  joinDialog(dialogId: string, profile: JoinDialogRequest): Promise<void>
  leaveDialog(dialogId: string): Promise<void>
  archiveDialog(dialogId: string): Promise<void>
  unarchiveDialog(dialogId: string): Promise<void>
  pinDialog(dialogId: string): Promise<void>
  unpinDialog(dialogId: string): Promise<void>
  toggleNotifications(dialogId: string): Promise<void>
  /** Never rejects. */
  loadParticipants(): Promise<void>

  loadMessages(options?: PaginationOptions): Promise<void>
  loadOlderMessages(): Promise<void>
  loadNewerMessages(): Promise<void>
  resetToLatest(): Promise<void>
  /** True when the message is in the window afterwards. */
  jumpToMessage(messageId: string): Promise<boolean>
  enableScrollCooldown(): void
  /**
   * Shown at once; settles when the server has it (undefined: discarded meanwhile) or rejects when it was refused.
   * A refused one stays in `messages` with `delivery: 'failed'`. Clears the draft and the reply target at once.
   */
  sendMessage(content: string, attachments?: AttachmentInput[]): Promise<Message | undefined>
  /** `id`: the message's `client_message_id`. */
  retryMessage(clientMessageId: string): void
  /** Take a failed or waiting send back; returns it, to put its text into the editor again. */
  discardMessage(clientMessageId: string): OutboxEntry | undefined
  editMessage(messageId: string, content: string): Promise<Message | undefined>
  deleteMessage(messageId: string): Promise<void>
  /** At once, up to the given or the last loaded message. */
  markAsRead(messageId?: string): Promise<void>
  /** What the reader sees. Reading is tracked from this; without any call nothing is marked as read. */
  setViewport(viewport: Viewport): void

  setReplyTo(message: Message): void
  clearReplyTo(): void
  setEditMessage(message: Message): void
  clearEditMessage(): void
  /** undefined: not known yet; `fetchReplyMessage` finds out. */
  getReplyMessage(messageId: string): Message | null | undefined
  fetchReplyMessage(messageId: string): Promise<Message | null>
  /** Keep what is typed in the open dialog. */
  setDraft(content: string): void
  draftOf(dialogId: string): Draft

  isUserOnline(userId: string): boolean
  /** Tell the others; throttled, call it on each key. */
  sendTyping(): void
  /** Who types in any dialog, the open one or not. */
  typingIn(dialogId: string): readonly string[]

  /** A fresh link for an expired one; the loaded message gets it too. */
  refreshAttachment(attachmentId: string): Promise<AttachmentUrls>
}

/** What is the chat's own to do: it takes more than one part. */
type WholeActions = Pick<ChatActions, 'loadDialogs' | 'loadDialogByObject'>

/** Some methods of a part, as functions. */
function bound<P extends object, K extends keyof P>(part: P, names: K[]): Pick<P, K> {
  return Object.fromEntries(names.map((name) => [name, (part[name] as () => unknown).bind(part)])) as Pick<P, K>
}

/** Some of what is fetched with the first of it, as functions. */
function later<K extends keyof Changes>(ctx: ChatContext, names: K[]): Pick<Changes, K> {
  const act =
    (name: K) =>
    (...args: unknown[]) =>
      withChanges(ctx, (changes) => (changes[name] as (...args: unknown[]) => unknown)(...args))
  return Object.fromEntries(names.map((name) => [name, act(name)])) as unknown as Pick<Changes, K>
}

export function makeActions(ctx: ChatContext, whole: WholeActions): ChatActions {
  const { lists, conversation, composing } = ctx
  const setDraft = (change: Partial<Draft>) => composing.setDraft(conversation.dialogId, change)
  const found = later(ctx, [
    'joinDialog',
    'leaveDialog',
    'archiveDialog',
    'unarchiveDialog',
    'pinDialog',
    'unpinDialog',
    'toggleNotifications',
    'jumpToMessage',
    'editMessage',
    'deleteMessage',
    'fetchReplyMessage',
    'refreshAttachment',
  ])
  return {
    ...whole,
    connect: () => ctx.client.connect(),
    disconnect: () => ctx.client.disconnect(),
    subscribe: (id) => ctx.client.subscribe(id),
    unsubscribe: (id) => ctx.client.unsubscribe(id),

    loadParticipatingDialogs: () => lists.load('participating'),
    loadAvailableDialogs: () => lists.load('available'),
    loadDialogsByObject: (objectType, objectId) => lists.loadByObject({ objectType, objectId }),
    loadArchivedDialogsByObject: (objectType, objectId) => lists.loadArchivedByObject({ objectType, objectId }),
    ...bound(lists, ['loadArchivedDialogs', 'loadMoreDialogs']),
    setSearchQuery: (searchQuery) => ctx.set({ searchQuery }),

    ...bound(conversation, [
      'selectDialog',
      'closeDialog',
      'loadParticipants',
      'loadMessages',
      'loadOlderMessages',
      'loadNewerMessages',
      'resetToLatest',
      'enableScrollCooldown',
    ]),
    ...found,
    // These two never reject.
    jumpToMessage: (id) => found.jumpToMessage(id).catch(() => false),
    fetchReplyMessage: (id) => found.fetchReplyMessage(id).catch(() => null),
    ...bound(composing, ['sendMessage', 'retryMessage', 'discardMessage', 'sendTyping']),
    ...bound(ctx.reading, ['markAsRead', 'setViewport']),
    ...bound(ctx.replies, ['getReplyMessage']),

    setReplyTo: (replyTo) => setDraft({ replyTo, editing: null }),
    clearReplyTo: () => setDraft({ replyTo: null }),
    setEditMessage: (editing) => setDraft({ editing, replyTo: null }),
    clearEditMessage: () => setDraft({ editing: null }),
    setDraft: (content) => setDraft({ content }),
    draftOf: (id) => composing.drafts.get(id),

    isUserOnline: (id) => ctx.state.onlineUsers.has(id),
    typingIn: (id) => ctx.typing.in(id),
  }
}
