/** Composing: what goes out of the open dialog: sends, drafts, and that somebody types. */
import type { AttachmentInput, Message } from '../types'
import type { ChatContext } from './context'
import { quiet } from './context'
import type { Draft, DraftStorage } from './drafts'
import { Drafts } from './drafts'
import type { OutboxEntry } from './outbox'
import { Outbox, pendingMessage } from './outbox'

export class Composing {
  readonly outbox: Outbox
  readonly drafts: Drafts

  constructor(
    private readonly ctx: ChatContext,
    storage: DraftStorage | undefined,
  ) {
    this.drafts = new Drafts(storage)
    this.outbox = new Outbox({
      send: ({ id, dialogId, content, replyTo, attachments }) =>
        ctx.api.sendMessage(dialogId, content, {
          replyTo: replyTo ?? undefined,
          attachments: [...attachments],
          clientMessageId: id,
        }),
      onSent: (message, entry) => this.sent(message, entry),
      canRepeat: () => ctx.client.features.resume,
    })
    this.outbox.subscribe(() => {
      ctx.set({ outbox: this.outbox.entries })
      ctx.conversation.publish()
    })
  }

  /** How the messages on their way into a dialog look. */
  pending(dialogId: string): Message[] {
    return this.outbox.entries.filter((e) => e.dialogId === dialogId).map((e) => pendingMessage(e, this.ctx.userId))
  }

  async sendMessage(content: string, attachments: AttachmentInput[] = []): Promise<Message | undefined> {
    const { conversation, typing } = this.ctx
    const { dialogId } = conversation
    if (!dialogId) return undefined
    const { replyTo } = this.drafts.get(dialogId)
    this.setDraft(dialogId, { content: '', replyTo: null })
    this.drafts.flush()
    typing.sent(dialogId)
    this.ctx.set({ firstUnreadMessageId: null })
    if (conversation.timeline.hasMoreAfter) void conversation.resetToLatest().catch(quiet)
    const message = { dialogId, content, replyTo: replyTo?.id ?? null, attachments }
    return this.ctx.attempt(() => this.outbox.add(message).finally(() => this.ctx.live.settled(dialogId)))
  }

  retryMessage(id: string): void {
    const dialogId = this.outbox.find(id)?.dialogId
    this.outbox.retry(id)
    if (dialogId) this.ctx.conversation.publish()
  }

  discardMessage(id: string): OutboxEntry | undefined {
    const entry = this.outbox.discard(id)
    if (entry) this.ctx.live.settled(entry.dialogId)
    return entry
  }

  setDraft(dialogId: string | undefined, change: Partial<Draft>): void {
    if (!dialogId) return
    this.drafts.set(dialogId, change)
    this.publishDraft()
  }

  /** The reader types; the others are told now and then. */
  sendTyping(): void {
    const { conversation, typing, client } = this.ctx
    const { dialogId } = conversation
    if (dialogId && client.isConnected && typing.shouldTell(dialogId)) client.sendTyping(dialogId)
  }

  /** Write the open dialog's draft into the state. */
  publishDraft(): void {
    const draft = this.drafts.get(this.ctx.conversation.dialogId)
    const ids = this.drafts.ids()
    const before = this.ctx.state.draftDialogIds
    const same = ids.size === before.size && [...ids].every((id) => before.has(id))
    this.ctx.set({
      draft,
      replyToMessage: draft.replyTo,
      editingMessage: draft.editing,
      draftDialogIds: same ? before : ids,
    })
  }

  /** A member's name as list rows show it. */
  nameOf(userId: string | null | undefined, dialogId = this.ctx.conversation.dialogId): string | undefined {
    if (!userId || !dialogId) return undefined
    const summaries = this.ctx.lists.find(dialogId)?.participants
    const members = this.ctx.current(dialogId) ? this.ctx.state.participants : []
    const found = members.find((p) => p.user_id === userId) ?? summaries?.find((p) => p.user_id === userId)
    return found?.display_name ?? undefined
  }

  private sent(message: Message, entry: OutboxEntry): void {
    const { conversation, lists } = this.ctx
    if (conversation.dialogId === entry.dialogId) {
      conversation.timeline.receive(message)
      conversation.publish()
    }
    lists.receive(message, this.nameOf(this.ctx.userId, entry.dialogId))
  }
}
