/** The REST routes of the chat, over a World. A handler returns the body, or throws a Refusal. */
import type { DialogListItem, Message } from '@mtchat/client'
import { makeId, wireTime, type StoredDialog, type World } from './world'

export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message = code,
  ) {
    super(message)
  }
}

export interface Call {
  userId: string
  params: string[]
  query: URLSearchParams
  body: Record<string, unknown>
}

export type Emit = (frame: Record<string, unknown>, userIds: Iterable<string>) => void
type Handler = (call: Call, world: World, emit: Emit) => unknown

const PAGE = 50

function find(world: World, id: string | undefined): StoredDialog {
  const dialog = world.dialogs.find((candidate) => candidate.id === id)
  if (!dialog) throw new Refusal(404, 'DIALOG_NOT_FOUND')
  return dialog
}

function memberOf(world: World, { userId, params }: Call) {
  const dialog = find(world, params[0])
  const member = dialog.members.get(userId)
  if (!member) throw new Refusal(403, 'FORBIDDEN')
  return { dialog, member }
}

function messageOf(dialog: StoredDialog, id: string | undefined): Message {
  const message = dialog.messages.find((candidate) => candidate.id === id)
  if (!message) throw new Refusal(404, 'MESSAGE_NOT_FOUND')
  return message
}

function select(world: World, { userId, query }: Call, dialogs: StoredDialog[]): DialogListItem[] {
  const archived = query.get('archived')
  const search = (query.get('search') ?? '').toLowerCase()
  const type = query.get('type')
  const offset = Number(query.get('offset') ?? 0)
  return dialogs
    .map((dialog) => world.view(dialog, userId))
    .filter((item) => (type === 'available' ? item.can_join : item.i_am_participant))
    .filter((item) => archived === null || type === 'available' || String(item.is_archived) === archived)
    .filter(
      (item) =>
        !search || `${item.title} ${item.participants?.map((p) => p.company).join(' ')}`.toLowerCase().includes(search),
    )
    .sort((a, b) => (b.last_message_at ?? b.created_at).localeCompare(a.last_message_at ?? a.created_at))
    .slice(offset, offset + Number(query.get('limit') ?? PAGE))
}

const setMember =
  (change: Record<string, boolean>): Handler =>
  (call, world) => {
    Object.assign(memberOf(world, call).member, change)
    return { status: 'ok' }
  }

function page(call: Call, world: World) {
  const { dialog, member } = memberOf(world, call)
  const { messages } = dialog
  const limit = Number(call.query.get('limit') ?? PAGE)
  const [before, after, around] = ['before', 'after', 'around'].map((name) => call.query.get(name))
  let start = Math.max(0, messages.length - limit)
  let end = messages.length
  if (around) {
    const at = messages.findIndex(({ id }) => id >= around)
    start = Math.max(0, at - Math.floor(limit / 2))
    end = Math.min(messages.length, start + limit)
  } else if (after) {
    start = messages.findIndex(({ id }) => id > after)
    if (start < 0) start = messages.length
    end = Math.min(messages.length, start + limit)
  } else if (before) {
    end = messages.findIndex(({ id }) => id >= before)
    if (end < 0) end = messages.length
    start = Math.max(0, end - limit)
  }
  const shown = messages.slice(start, end)
  // The first of the page, when the unread ones begin before it.
  const unread = world.unreadOf(dialog, call.userId).find((message) => shown.includes(message))
  return {
    data: {
      messages: shown,
      ...(unread && !around && member ? { first_unread_message_id: unread.id } : {}),
      has_more_before: start > 0,
      has_more_after: end < messages.length,
      seq: dialog.seq,
    },
  }
}

const send: Handler = (call, world, emit) => {
  const { dialog } = memberOf(world, call)
  const { content, reply_to, attachments = [], client_message_id } = call.body
  world.now = Math.max(world.now, Date.now())
  const message = world.addMessage(dialog, call.userId, String(content), {
    ...(reply_to ? { reply_to_id: reply_to as string } : {}),
    ...(client_message_id ? { client_message_id: client_message_id as string } : {}),
    ...((attachments as object[]).length > 0
      ? {
          attachments: (attachments as { s3_key: string; filename: string; content_type: string; size: number }[]).map(
            ({ s3_key, ...file }) => ({ ...file, id: makeId(world.now), url: `memory:${s3_key}` }),
          ),
        }
      : {}),
  })
  emit({ type: 'message.new', ...message, payload: { message } }, dialog.members.keys())
  return { data: message }
}

const edit: Handler = (call, world, emit) => {
  const { dialog } = memberOf(world, call)
  const message = messageOf(dialog, call.params[1])
  const changed = {
    ...message,
    content: String(call.body.content),
    last_edited_at: wireTime(Date.now()),
    seq: ++dialog.seq,
  }
  dialog.messages.splice(dialog.messages.indexOf(message), 1, changed)
  const { id, content, last_edited_at, seq } = changed
  emit({ type: 'message.edited', id, dialog_id: dialog.id, content, last_edited_at, seq }, dialog.members.keys())
  return { data: changed }
}

const remove: Handler = (call, world, emit) => {
  const { dialog } = memberOf(world, call)
  const message = messageOf(dialog, call.params[1])
  dialog.messages.splice(dialog.messages.indexOf(message), 1)
  emit({ type: 'message.deleted', id: message.id, dialog_id: dialog.id, seq: ++dialog.seq }, dialog.members.keys())
  return undefined
}

const read: Handler = (call, world, emit) => {
  const { dialog, member } = memberOf(world, call)
  const id = String(call.body.last_read_message_id)
  if (!member.readId || id > member.readId) member.readId = id
  const frame = {
    type: 'message.read',
    dialog_id: dialog.id,
    user_id: call.userId,
    last_read_message_id: member.readId,
  }
  emit(frame, dialog.members.keys())
  return { success: true }
}

const join: Handler = (call, world, emit) => {
  const dialog = find(world, call.params[0])
  const contacts = call.body as { display_name: string; company: string }
  world.addMember(dialog, call.userId, 'joined', contacts)
  const { display_name: name, company } = contacts
  const message = world.addMessage(dialog, null, JSON.stringify({ event: 'participant_joined', name, company }))
  emit({ type: 'message.new', ...message, payload: { message } }, dialog.members.keys())
  emit({ type: 'participant.joined', dialog_id: dialog.id, user_id: call.userId }, dialog.members.keys())
  return { status: 'joined', dialog_id: dialog.id }
}

const leave: Handler = (call, world, emit) => {
  const { dialog, member } = memberOf(world, call)
  const everybody = [...dialog.members.keys()]
  dialog.members.delete(call.userId)
  const content = JSON.stringify({ event: 'participant_left', name: member.contacts.display_name })
  const message = world.addMessage(dialog, null, content)
  emit({ type: 'message.new', ...message, payload: { message } }, dialog.members.keys())
  emit({ type: 'participant.left', dialog_id: dialog.id, user_id: call.userId }, everybody)
  return { status: 'left' }
}

/** Method and path after /api/v1, with `:` for each value. */
export const ROUTES: Record<string, Handler> = {
  'GET /dialogs': (call, world) => ({ data: select(world, call, world.dialogs) }),
  'GET /dialogs/by-object/:/:': (call, world) => {
    const [type, id] = call.params
    const found = world.dialogs.findLast((dialog) => dialog.object_type === type && dialog.object_id === id)
    return { data: found ? world.view(found, call.userId) : null }
  },
  'GET /dialogs/by-object/:/:/list': (call, world) => {
    const [type, id] = call.params
    const dialogs = world.dialogs.filter((dialog) => dialog.object_type === type && dialog.object_id === id)
    return { data: select(world, call, dialogs) }
  },
  'GET /dialogs/:': (call, world) => ({ data: world.view(find(world, call.params[0]), call.userId) }),
  'GET /dialogs/:/participants': (call, world) => ({ data: world.participants(find(world, call.params[0])) }),
  'GET /dialogs/:/messages': page,
  'GET /dialogs/:/messages/:': (call, world) => ({
    data: messageOf(memberOf(world, call).dialog, call.params[1]),
  }),
  'POST /dialogs/:/messages': send,
  'PUT /dialogs/:/messages/:': edit,
  'DELETE /dialogs/:/messages/:': remove,
  'POST /dialogs/:/read': read,
  'POST /dialogs/:/join': join,
  'POST /dialogs/:/leave': leave,
  'POST /dialogs/:/archive': setMember({ archived: true }),
  'POST /dialogs/:/unarchive': setMember({ archived: false }),
  'POST /dialogs/:/pin': setMember({ pinned: true }),
  'POST /dialogs/:/unpin': setMember({ pinned: false }),
  'POST /dialogs/:/notifications': (call, world) => {
    memberOf(world, call).member.muted = call.body.enabled === false
    return { status: 'ok' }
  },
  'POST /upload/presign': (_, world) => {
    const s3_key = `uploads/${makeId(world.now)}`
    return { data: { upload_url: `https://memory.example/put/${s3_key}`, s3_key, expires_in: 300 } }
  },
  'GET /attachments/:/url': (call, world) => {
    const all = world.dialogs.flatMap((dialog) => dialog.messages.flatMap((message) => message.attachments ?? []))
    const file = all.find(({ id }) => id === call.params[0])
    if (!file) throw new Refusal(404, 'ATTACHMENT_NOT_FOUND')
    return { data: { url: file.url, thumbnail_url: file.thumbnail_url ?? null, expires_in: 3600 } }
  },
}
