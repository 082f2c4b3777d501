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
  private unhook: (() => void) | undefined
  /** Greeted before under this identity: the next greeting is a return. */
  private wasGreeted = false
  /** When the lists were asked for last. */
  private askedAt = 0

  constructor(
    config: MTChatConfig,
    private options: ChatOptions = {},
  ) {
    const ctx = (this.ctx = new ChatContext(new MTChatClient(config), options))
    ctx.typing = new Typing(ctx)
    ctx.catchUp = new CatchUp(ctx)
    ctx.lists = new Lists(ctx)
    ctx.conversation = new Conversation(ctx)
    ctx.replies = new Replies(ctx)
    ctx.reading = new Reading(ctx)
    ctx.live = new Live(ctx)
    ctx.composing = new Composing(ctx, options.draftStorage)
    ctx.lookForObject = () => this.lookForObject()
    this.actions = makeActions(ctx, {
      loadDialogs: () => this.load(),
      loadDialogByObject: (objectType, objectId) => this.openByObject(objectType, objectId),
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
    this.begin(this.options.autoConnect !== false, this.options.dialogId)
  }

  /** Let go of the connection, of requests and of everything timed. What is on its way is lost to this page. */
  stop(): void {
    const { composing, reading, conversation, lists, catchUp, live, typing } = this.ctx
    composing.drafts.flush()
    reading.stop()
    conversation.closeDialog()
    lists.clear()
    catchUp.clear()
    live.clear()
    composing.outbox.clear()
    typing.clear()
    this.unhook?.()
    this.unhook = undefined
    this.client.disconnect()
    this.store.set({ connectionState: 'idle', isConnected: false, onlineUsers: new Set(), error: null })
  }

  /** Follow a changed config: token and callbacks at once; another user, server or scope begins anew. */
  configure(config: MTChatConfig): void {
    const sameUser = config.userId === this.ctx.userId
    if (this.client.update(config)) return
    const wasRunning = this.unhook !== undefined
    const wasConnecting = this.client.connectionState !== 'idle'
    const openId = sameUser ? this.ctx.conversation.dialogId : undefined
    this.stop()
    this.ctx.client = new MTChatClient(config)
    this.wasGreeted = false
    if (wasRunning) this.begin(wasConnecting, openId ?? this.options.dialogId)
  }

  /** Follow a changed mode or object: other dialogs, nothing open. */
  rescope(scope: ChatScope): void {
    this.ctx.scope = scope
    if (!this.unhook) return
    this.ctx.conversation.closeDialog()
    this.ctx.lists.clear()
    this.store.set({ searchQuery: '' })
    void this.loadAll()
  }

  private async loadAll(openId?: string): Promise<void> {
    const inline = this.ctx.scope.mode === 'inline'
    await Promise.all([this.load(), !inline && openId ? this.ctx.conversation.selectDialog(openId) : undefined]).catch(
      () => undefined,
    )
  }

  private async load(): Promise<void> {
    const { mode, objectType, objectId } = this.ctx.scope
    this.askedAt = Date.now()
    if (mode !== 'inline') await this.ctx.lists.loadAll()
    else if (objectType && objectId) await this.openByObject(objectType, objectId)
  }

  private openByObject(objectType: string, objectId: string): Promise<DialogListItem | null> {
    return this.ctx.attempt(async () => {
      const { client } = this
      const { epoch } = client
      const load = () => this.ctx.api.getDialogByObject(objectType, objectId)
      const dialog = await this.ctx.during('isLoadingDialogs', load)
      const { scope } = this.ctx
      const asked = scope.mode !== 'inline' || (scope.objectType === objectType && scope.objectId === objectId)
      // The answer to somebody else, or about another object: whoever reads now has asked anew.
      if (!asked || client !== this.client) return dialog
      if (!dialog) this.ctx.conversation.closeDialog()
      else {
        if (dialog.i_am_participant !== false) this.ctx.catchUp.learn(dialog.id, dialog.seq, epoch)
        await this.ctx.conversation.selectDialog(dialog.id, dialog)
      }
      return dialog
    })
  }

  private begin(connects: boolean, openId: string | undefined): void {
    const { client } = this
    const follow = () => {
      const { connectionState, isConnected } = client
      this.store.set({ connectionState, isConnected })
    }
    const offs = [client.on('state', follow), client.on('*', (event) => this.receive(event))]
    this.unhook = () => offs.forEach((off) => off())
    this.ctx.reading.start()
    this.ctx.composing.drafts.open(client.userId)
    this.ctx.composing.publishDraft()
    if (connects) client.connect()
    void this.loadAll(openId)
  }

  private receive(event: WsEvent): void {
    if (event.type === 'connected') this.connected()
    else if (event.type === 'disconnected') this.disconnected()
    else if (event.type === 'error' && event.error) this.store.set({ error: asError(event.error) })
    else this.ctx.catchUp.receive(event, event.dialog_id ?? event.payload?.dialog_id, seqOf(event))
  }

  private connected(): void {
    const isReturn = this.wasGreeted
    this.wasGreeted = true
    const replayed = this.ctx.catchUp.connected()
    this.ctx.composing.outbox.wake()
    // A replay tells of the dialogs we know; ones that are new to us are in the lists alone.
    if (isReturn || Date.now() - this.askedAt > LATE_MS) {
      void this.ctx.lists.refreshNow()
      this.lookForObject()
    }
    if (!isReturn) return
    if (!replayed) void this.ctx.conversation.refresh()
    else if (this.ctx.conversation.dialogId) void this.ctx.conversation.loadParticipants()
  }

  /** Inline without a dialog: there may be one now, or the one that was left may be joined again. */
  private lookForObject(): void {
    if (this.ctx.scope.mode === 'inline' && !this.ctx.conversation.dialogId) this.load().catch(quiet)
  }

  private disconnected(): void {
    this.ctx.catchUp.lost()
    this.ctx.typing.clear()
    // Cut off, we know nothing.
    this.store.set({ onlineUsers: new Set() })
  }
}
