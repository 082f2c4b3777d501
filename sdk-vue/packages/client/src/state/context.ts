/** What the parts of a chat share: each other, the state they write, the client in use, and how an operation reports its failure. */
import type { MTChatClient } from '../client'
import { asError, isAborted } from '../errors'
import type { MTChatApi } from '../rest'
import type { DialogListItem, DialogParticipant } from '../types'
import type { CatchUp } from './catchUp'
import type { ChatState } from './chatState'
import type { Composing } from './composing'
import type { Conversation } from './conversation'
import type { ChatScope, Lists } from './lists'
import type { Live } from './live'
import type { Reading } from './reading'
import type { Replies } from './replies'
import { Store } from './subscribable'
import type { Typing } from './typing'

export const initialState: ChatState = {
  messages: [],
  participatingDialogs: [],
  availableDialogs: [],
  archivedDialogs: [],
  hasMoreDialogs: { participating: false, available: false, archived: false },
  participants: [],
  currentDialog: null,
  connectionState: 'idle',
  isConnected: false,
  isLoadingDialogs: false,
  isLoadingMessages: false,
  isActing: false,
  error: null,
  firstUnreadMessageId: null,
  replyToMessage: null,
  editingMessage: null,
  searchQuery: '',
  onlineUsers: new Set(),
  replyMessagesCache: new Map(),
  hasMoreMessages: false,
  hasMoreAfter: false,
  isLoadingOlder: false,
  isLoadingNewer: false,
  isJumpingToMessage: false,
  jumpCooldown: false,
  outbox: [],
  typingUsers: [],
  typingByDialog: new Map(),
  draft: { content: '', replyTo: null, editing: null },
  draftDialogIds: new Set(),
}

type Flag = { [K in keyof ChatState]: ChatState[K] extends boolean ? K : never }[keyof ChatState]

export class ChatContext {
  readonly store = new Store<ChatState>({ ...initialState })
  // The parts know each other through here. `Chat` makes them all before any of them runs.
  lists!: Lists
  conversation!: Conversation
  composing!: Composing
  reading!: Reading
  replies!: Replies
  live!: Live
  catchUp!: CatchUp
  typing!: Typing
  /** Inline without a dialog: looks whether there is one now. */
  lookForObject!: () => void
  private readonly running = new Map<Flag, number>()

  constructor(
    public client: MTChatClient,
    /** Which dialogs the chat is about. */
    public scope: ChatScope,
  ) {}

  get api(): MTChatApi {
    return this.client.api
  }

  get userId(): string {
    return this.client.userId
  }

  get state(): Readonly<ChatState> {
    return this.store.state
  }

  set(change: Partial<ChatState>): void {
    this.store.set(change)
  }

  /** The open dialog, if it is this one. */
  current(id: string | undefined): DialogListItem | undefined {
    const { currentDialog } = this.state
    return currentDialog && currentDialog.id === id ? currentDialog : undefined
  }

  publishTyping(): void {
    this.set({ typingUsers: this.typing.in(this.conversation.dialogId) })
  }

  /** Somebody came or went, as far as we are told. */
  setOnline(userId: string, isOnline: boolean): void {
    const { onlineUsers } = this.state
    if (onlineUsers.has(userId) === isOnline) return
    const now = new Set(onlineUsers)
    if (isOnline) now.add(userId)
    else now.delete(userId)
    this.set({ onlineUsers: now })
  }

  /** Change a member of the open dialog, where `differs`. */
  patchParticipant(
    userId: string,
    change: Partial<DialogParticipant>,
    differs: (participant: DialogParticipant) => boolean,
  ): void {
    const { participants } = this.state
    const found = participants.findIndex((p) => p.user_id === userId)
    const participant = participants[found]
    if (participant && differs(participant)) {
      this.set({ participants: participants.with(found, { ...participant, ...change }) })
    }
  }

  /** Clears `error`; a failure is set there and thrown on. */
  async attempt<T>(operation: () => Promise<T>): Promise<T> {
    this.set({ error: null })
    try {
      return await operation()
    } catch (thrown) {
      this.failed(thrown)
      throw thrown
    }
  }

  /** Shown, unless it was given up on purpose. */
  failed(thrown: unknown): void {
    if (!isAborted(thrown)) this.set({ error: asError(thrown) })
  }

  /** A request whose outcome is shown already: `undo` takes it back when the server refuses. */
  confirmed<T>(request: Promise<T>, undo: () => void): Promise<T> {
    return this.attempt(() =>
      request.catch((error) => {
        undo()
        throw error
      }),
    )
  }

  /** Raises a flag while any operation under it runs. */
  async during<T>(flag: Flag, operation: () => Promise<T>): Promise<T> {
    const count = (change: number) => {
      const running = (this.running.get(flag) ?? 0) + change
      this.running.set(flag, running)
      this.set({ [flag]: running > 0 })
    }
    count(1)
    try {
      return await operation()
    } finally {
      count(-1)
    }
  }
}

/** Where a failure is of no consequence, and why is written beside it. */
export const quiet = () => undefined

/** Undefined for what was cancelled on purpose. */
export function quietWhenAborted(thrown: unknown): undefined {
  if (!isAborted(thrown)) throw thrown
}
