/**
 * Chat: a whole chat without a face. Makes the parts, follows the connection, offers `actions`, keeps `store`.
 * Touches no browser global until `start()`: it may be made on a server.
 */
import { MTChatClient } from '../client'
import type { MTChatConfig } from '../config'
import { asError } from '../errors'
import type { DialogListItem, WsEvent } from '../types'
import { makeActions, type ChatActions } from './actions'
import { CatchUp } from './catchUp'
import { Composing } from './composing'
import { ChatContext, quiet } from './context'
import { Conversation } from './conversation'
import type { DraftStorage } from './drafts'
import type { ChatScope } from './lists'
import { Lists } from './lists'
import { Live, seqOf } from './live'
import { Membership } from './membership'
import { Presence } from './presence'
import { Reading } from './reading'
import { Replies } from './replies'
import { Typing } from './typing'

/** A greeting this long after the lists were asked for: a dialog made in between would be in neither. Milliseconds. */
const LATE_MS = 1_000

export interface ChatOptions extends ChatScope {
  /** Opened after the lists; not inline. */
  dialogId?: string | undefined
  /** Connect when started; default true. */
  autoConnect?: boolean | undefined
  draftStorage?: DraftStorage | undefined
}

export class Chat {
  readonly actions: ChatActions
  private readonly ctx: ChatContext
  private readonly lists: Lists
  private readonly conversation: Conversation
  private readonly composing: Composing
  private readonly reading: Reading
  private readonly replies: Replies
  private readonly live: Live
  private readonly catchUp: CatchUp
  private readonly presence = new Presence()
  private readonly typing: Typing
  private unhook: (() => void) | undefined
  /** Greeted before under this identity: the next greeting is a return. */
  private wasGreeted = false
  /** When the lists were asked for last. */
  private askedAt = 0

  constructor(
    config: MTChatConfig,
    private options: ChatOptions = {},
  ) {
    const ctx = (this.ctx = new ChatContext(new MTChatClient(config)))
    const catchUp = () => this.catchUp
    const typing = (this.typing = new Typing(() => this.publishTyping()))
    const lists = (this.lists = new Lists(ctx, catchUp, () => this.options))
    const conversation: Conversation = (this.conversation = new Conversation(ctx, {
      lists,
      catchUp,
      pending: (dialogId) => this.composing?.pending(dialogId) ?? [],
      switched: (from) => this.switched(from),
      loaded: () => this.loaded(),
    }))
    const replies = (this.replies = new Replies(ctx, conversation))
    const membership = new Membership(ctx, lists, conversation, catchUp)
    const reading = (this.reading = new Reading(ctx, lists, () => conversation))
    const composing = (this.composing = new Composing(ctx, {
      lists,
      conversation,
      replies,
      typing,
      drafts: options.draftStorage,
      settled: (dialogId) => this.live.settled(dialogId),
    }))
    const { presence } = this
    this.live = new Live(ctx, {
      lists,
      conversation,
      composing,
      reading,
      replies,
      presence,
      typing,
      membership,
      catchUp,
      joined: () => this.lookForObject(),
    })
    this.catchUp = new CatchUp(ctx, (event) => this.live.apply(event))
    this.actions = makeActions({
      ctx,
      lists,
      conversation,
      composing,
      reading,
      replies,
      membership,
      presence,
      typing,
      load: () => this.load(),
      left: () => this.lookForObject(),
      openByObject: (objectType, objectId) => this.openByObject(objectType, objectId),
    })
  }

  get store() {
    return this.ctx.store
  }

  get client(): MTChatClient {
    return this.ctx.client
  }

  /** Follow the connection, connect, load, open. Failures are in `state.error`. `now`: what changed since it was made. */
  start(now: Pick<ChatOptions, 'dialogId'> = {}): void {
    if (this.unhook) return
    this.options = { ...this.options, ...now }
    this.hook()
    this.composing.drafts.open(this.ctx.userId)
    this.composing.publishDraft()
    if (this.options.autoConnect !== false) this.client.connect()
    void this.loadAll(this.options.dialogId)
  }

  /** Let go of the connection, of requests and of everything timed. What is on its way is lost to this page. */
  stop(): void {
    this.composing.drafts.flush()
    this.reset()
    this.unhook?.()
    this.unhook = undefined
    this.client.disconnect()
    this.store.set({ connectionState: 'idle', isConnected: false })
  }

  /** Follow a changed config: token and callbacks at once; another user, server or scope begins anew. */
  configure(config: MTChatConfig): void {
    const sameUser = config.userId === this.ctx.userId
    if (this.client.update(config)) return
    const wasRunning = this.unhook !== undefined
    const wasConnecting = this.client.connectionState !== 'idle'
    const openId = sameUser ? this.conversation.dialogId : undefined
    this.stop()
    this.ctx.client = new MTChatClient(config)
    this.wasGreeted = false
    if (!wasRunning) return
    this.hook()
    this.composing.drafts.open(config.userId)
    if (wasConnecting) this.client.connect()
    void this.loadAll(openId ?? this.options.dialogId)
  }

  /** Follow a changed mode or object: other dialogs, nothing open. */
  rescope(scope: ChatScope): void {
    this.options = { ...this.options, ...scope }
    if (!this.unhook) return
    this.conversation.close()
    this.lists.clear()
    this.store.set({ searchQuery: '' })
    void this.loadAll()
  }

  private async loadAll(openId?: string): Promise<void> {
    const inline = this.options.mode === 'inline'
    await Promise.all([this.load(), !inline && openId ? this.conversation.open(openId) : undefined]).catch(
      () => undefined,
    )
  }

  private async load(): Promise<void> {
    const { mode, objectType, objectId } = this.options
    this.askedAt = Date.now()
    if (mode !== 'inline') await this.lists.loadAll()
    else if (objectType && objectId) await this.openByObject(objectType, objectId)
  }

  private openByObject(objectType: string, objectId: string): Promise<DialogListItem | null> {
    return this.ctx.attempt(async () => {
      const { epoch } = this.client
      const load = () => this.ctx.api.getDialogByObject(objectType, objectId)
      const dialog = await this.ctx.during('isLoadingDialogs', load)
      const { options } = this
      const asked = options.mode !== 'inline' || (options.objectType === objectType && options.objectId === objectId)
      if (!asked) return dialog
      if (!dialog) this.conversation.close()
      else {
        if (dialog.i_am_participant !== false) this.catchUp.learn(dialog.id, dialog.seq, epoch)
        await this.conversation.open(dialog.id, dialog)
      }
      return dialog
    })
  }

  private hook(): void {
    const { client } = this
    const offs = [client.on('state', () => this.followConnection()), client.on('*', (event) => this.receive(event))]
    this.unhook = () => offs.forEach((off) => off())
    this.reading.start()
  }

  private followConnection(): void {
    const { connectionState, isConnected } = this.client
    this.store.set({ connectionState, isConnected })
  }

  private receive(event: WsEvent): void {
    if (event.type === 'connected') this.connected()
    else if (event.type === 'disconnected') this.disconnected()
    else if (event.type === 'error' && event.error) this.store.set({ error: asError(event.error) })
    else this.catchUp.receive(event, event.dialog_id ?? event.payload?.dialog_id, seqOf(event))
  }

  private connected(): void {
    const isReturn = this.wasGreeted
    this.wasGreeted = true
    const replayed = this.catchUp.connected()
    this.composing.outbox.wake()
    // A replay tells of the dialogs we know; ones that are new to us are in the lists alone.
    if (isReturn || Date.now() - this.askedAt > LATE_MS) {
      void this.lists.refreshNow()
      this.lookForObject()
    }
    if (!isReturn) return
    if (!replayed) void this.conversation.refresh()
    else if (this.conversation.dialogId) void this.conversation.loadParticipants()
  }

  /** Inline without a dialog: there may be one now, or the one that was left may be joined again. */
  private lookForObject(): void {
    if (this.options.mode === 'inline' && !this.conversation.dialogId) this.load().catch(quiet)
  }

  private disconnected(): void {
    this.catchUp.lost()
    this.presence.clear()
    this.typing.clear()
    this.store.set({ onlineUsers: this.presence.online })
  }

  private loaded(): void {
    const { participants } = this.store.state
    this.presence.learn(participants)
    this.store.set({ onlineUsers: this.presence.online })
    this.reading.learnFromParticipants()
    this.reading.look()
  }

  private switched(from: string | undefined): void {
    this.reading.switched(from)
    this.replies.clear()
    this.composing.publishDraft()
    this.publishTyping()
  }

  private publishTyping(): void {
    this.store.set({ typingUsers: this.typing.in(this.conversation?.dialogId) })
  }

  private reset(): void {
    this.reading.stop()
    this.conversation.close()
    this.lists.clear()
    this.catchUp.clear()
    this.live.clear()
    this.composing.outbox.clear()
    this.typing.clear()
    this.presence.clear()
    this.store.set({ onlineUsers: this.presence.online, error: null })
  }
}
