/** Live: what each frame of the socket means for the state. Every handler may run twice for one fact without harm. */
import type { Attachment, DialogListItem, Message, WsEvent, WsEventPayload } from '../types'
import type { ChatContext } from './context'
import { quiet } from './context'
import { isAfter } from './order'

/** A frame's fields, flat or nested. `id` is the message's. */
type Fields = WsEventPayload & { id?: string; seq?: number }

/** What `resumed` says of a dialog: own state as of `seq`, and how far the others have read. */
type ResumedState = Partial<DialogListItem> & {
  last_read_message_id?: string | null
  reads?: Record<string, string> | null
}

const fieldsOf = (event: WsEvent): Fields => ({ ...event.payload, ...event })

/** Place of a frame in its dialog. */
export const seqOf = (event: WsEvent): number | undefined => event.seq ?? (event.payload?.seq as number | undefined)

/** The message of a frame that has none under `payload`: what older servers send. */
function flatMessage(fields: Fields): Message {
  return {
    id: fields.id ?? '',
    dialog_id: fields.dialog_id ?? '',
    sender_id: (fields.sender_id as string | undefined) ?? null,
    content: (fields.content as string | undefined) ?? '',
    sent_at: (fields.sent_at as string | undefined) ?? new Date().toISOString(),
    message_type: (fields.message_type as Message['message_type']) ?? 'user',
  }
}

/** What frames may change of a dialog. */
const DIALOG_FIELDS = [
  'is_archived',
  'is_pinned',
  'notifications_enabled',
  'title',
  'object_url',
  'unread_count',
  'meta',
]

function messageNew(ctx: ChatContext, fields: Fields, event: WsEvent): void {
  const { composing, typing, lists, conversation, reading } = ctx
  const message = fields.message ?? flatMessage(fields)
  const dialogId = message.dialog_id
  if (!message.id || !dialogId) return
  if (message.sender_id === ctx.userId && !conversation.timeline.get(message.id)) {
    const key = message.client_message_id
    if (key && composing.outbox.confirm(key, message)) return
    if (composing.outbox.isSending(dialogId)) {
      ctx.live.echoes.set(dialogId, [...(ctx.live.echoes.get(dialogId) ?? []), event])
      return
    }
  }
  if (message.sender_id) typing.stopped(dialogId, message.sender_id)
  lists.receive(message, composing.nameOf(message.sender_id, dialogId), fields.seq)
  // Whoever writes has read what stands before it; the server moves that position too, and says nothing.
  if (message.sender_id) reading.learned(dialogId, message.sender_id, message.id)
  if (conversation.dialogId !== dialogId) return
  const isKnown = conversation.timeline.get(message.id) !== undefined
  const isShown = conversation.timeline.receive(message)
  if (isShown && !isKnown && reading.isAtBottom) conversation.timeline.trimStart()
  conversation.publish()
  if (!isKnown) reading.receive(message)
  if (!fields.message && !isKnown && isShown && message.message_type !== 'system') conversation.complete(message)
}

function messageEdited(ctx: ChatContext, fields: Fields): void {
  const { conversation } = ctx
  const { dialog_id: dialogId = '', message } = fields
  const id = message?.id ?? fields.id
  const { content, last_edited_at } = fields as Partial<Message>
  const change = message ?? { content, last_edited_at }
  if (!id || change.content === undefined) return
  const editedAt = conversation.timeline.get(id)?.last_edited_at ?? ''
  if (editedAt <= (change.last_edited_at ?? '')) conversation.amend(dialogId, id, change)
}

function messageDeleted(ctx: ChatContext, { id, dialog_id: dialogId = '' }: Fields): void {
  if (!id) return
  const { conversation, lists, reading } = ctx
  const { unread_count, last_message } = lists.find(dialogId) ?? {}
  const removed = conversation.erase(dialogId, id)
  const sender = removed?.sender_id ?? (last_message?.id === id ? last_message.sender_id : undefined)
  const wasUnread = sender && sender !== ctx.userId && isAfter(id, reading.positionOf(dialogId))
  if (wasUnread && unread_count) lists.patch(dialogId, { unread_count: unread_count - 1 })
}

function membershipChanged(ctx: ChatContext, fields: Fields, change: 1 | -1): void {
  const { lists, conversation, catchUp, typing } = ctx
  const { dialog_id: dialogId = '', user_id: userId = '', seq } = fields
  const dialog = lists.find(dialogId)
  if (userId !== ctx.userId) {
    typing.stopped(dialogId, userId)
    if (!dialog || (seq !== undefined && dialog.seq !== undefined && seq <= dialog.seq)) return
    lists.patch(dialogId, {
      participants_count: Math.max(0, dialog.participants_count + change),
      ...(seq && { seq }),
    })
    if (ctx.current(dialogId)) conversation.reloadParticipantsSoon()
  } else if (change > 0) {
    lists.rediscover(dialogId)
    ctx.lookForObject()
    const current = ctx.current(dialogId)
    if (current?.i_am_participant === false) {
      void conversation.reexamine().then(() => conversation.load().catch(quiet))
    }
  } else {
    catchUp.forget(dialogId)
    if (lists.leaving.has(dialogId)) return
    lists.left(dialogId)
    if (ctx.current(dialogId)) void conversation.reexamine()
  }
}

function dialogUpdated(ctx: ChatContext, fields: Fields): void {
  const { lists } = ctx
  const { dialog_id: dialogId = '' } = fields
  const change = Object.fromEntries(DIALOG_FIELDS.filter((name) => name in fields).map((name) => [name, fields[name]]))
  if (lists.find(dialogId)) lists.patch(dialogId, change)
  else lists.rediscover(dialogId)
}

function attachmentUpdated(ctx: ChatContext, fields: Fields): void {
  const { conversation } = ctx
  const attachment = fields.attachment as (Partial<Attachment> & { id: string }) | undefined
  if (fields.message) conversation.timeline.patch(fields.message.id, fields.message)
  else if (attachment) conversation.patchAttachment(attachment.id, attachment)
  if (fields.message) conversation.publish()
}

function presenceUpdated(ctx: ChatContext, { user_id: userId, is_online: isOnline }: Fields): void {
  if (!userId || isOnline === undefined) return
  ctx.setOnline(userId, isOnline)
  ctx.patchParticipant(userId, { is_online: isOnline }, (p) => p.is_online !== isOnline)
}

function resumed(ctx: ChatContext, fields: Fields): void {
  const { catchUp, lists, conversation, reading } = ctx
  catchUp.resumed((event) => seqOf(event) ?? 0)
  const states = (fields.state ?? {}) as Record<string, ResumedState>
  for (const [dialogId, { last_read_message_id, reads, ...own }] of Object.entries(states)) {
    const positions = { ...reads, ...(last_read_message_id && { [ctx.userId]: last_read_message_id }) }
    for (const [userId, messageId] of Object.entries(positions)) reading.learned(dialogId, userId, messageId)
    lists.patch(dialogId, own)
  }
  const reload = (fields.reload ?? []) as string[]
  for (const dialogId of reload) catchUp.forget(dialogId)
  if (reload.length) void lists.refreshNow()
  if (conversation.dialogId && reload.includes(conversation.dialogId)) void conversation.refresh()
  for (const dialogId of (fields.gone ?? []) as string[]) {
    lists.left(dialogId)
    if (ctx.current(dialogId)) void conversation.reexamine()
  }
  reading.look()
}

const HANDLERS: Record<string, (ctx: ChatContext, fields: Fields, event: WsEvent) => void> = {
  'message.new': messageNew,
  'message.edited': messageEdited,
  'message.deleted': messageDeleted,
  'message.read': (ctx, { dialog_id, user_id, last_read_message_id }) => {
    if (dialog_id && user_id && last_read_message_id) ctx.reading.learned(dialog_id, user_id, last_read_message_id)
  },
  'participant.joined': (ctx, fields) => membershipChanged(ctx, fields, 1),
  'participant.left': (ctx, fields) => membershipChanged(ctx, fields, -1),
  'dialog.archived': (ctx, fields) => dialogUpdated(ctx, { ...fields, is_archived: true }),
  'dialog.unarchived': (ctx, fields) => dialogUpdated(ctx, { ...fields, is_archived: false }),
  'dialog.updated': dialogUpdated,
  'dialog.changed': dialogUpdated,
  'attachment.updated': attachmentUpdated,
  'presence.update': presenceUpdated,
  typing: (ctx, { dialog_id, user_id }) => {
    if (dialog_id && user_id && user_id !== ctx.userId) ctx.typing.receive(dialog_id, user_id)
  },
  resumed,
}

export class Live {
  /** Own messages that came before the answer to their send: shown with it, or two would be seen for a moment. */
  readonly echoes = new Map<string, WsEvent[]>()

  constructor(private readonly ctx: ChatContext) {}

  apply(event: WsEvent): void {
    HANDLERS[event.type]?.(this.ctx, fieldsOf(event), event)
  }

  /** No send into this dialog is under way any more: let the echoes in. */
  settled(dialogId: string): void {
    if (this.ctx.composing.outbox.isSending(dialogId)) return
    const waiting = this.echoes.get(dialogId) ?? []
    this.echoes.delete(dialogId)
    for (const event of waiting) this.apply(event)
  }

  clear(): void {
    this.echoes.clear()
  }
}
