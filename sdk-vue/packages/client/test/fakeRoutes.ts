/** The routes of FakeServer: contract section 5, as far as the SDK uses it. */
import type { FakeServer } from './fakeServer'
import { envelope } from './fakeServer'
import type { FakeDialog } from './fakeWorld'

export interface FakeRequest {
  method: string
  path: string
  query: URLSearchParams
  body: any // eslint-disable-line @typescript-eslint/no-explicit-any
  headers: Headers
  userId: string
}

type Handler = (server: FakeServer, request: FakeRequest, dialog: FakeDialog, rest: string[]) => unknown

const data = (value: unknown) => new Response(JSON.stringify({ data: value }))
const bare = (value: unknown) => new Response(JSON.stringify(value))
const empty = () => new Response(null, { status: 204 })

function newestFirst(server: FakeServer, dialogs: FakeDialog[], user: string) {
  const items = dialogs.map((dialog) => server.item(dialog, user))
  const activity = (d: (typeof items)[number]) => d.last_message_at ?? d.created_at
  return items.sort(
    (a, b) => Number(b.is_pinned ?? 0) - Number(a.is_pinned ?? 0) || (activity(a) < activity(b) ? 1 : -1),
  )
}

function select(server: FakeServer, { query, userId }: FakeRequest, from: FakeDialog[]) {
  const search = query.get('search')?.toLowerCase()
  const archived = query.get('archived')
  const type = query.get('type')
  const fits = from.filter((dialog) => {
    const member = dialog.members.get(userId)
    if (search && !dialog.title.toLowerCase().includes(search)) return false
    if (!member) return type !== 'participating' && dialog.joinable
    return type !== 'available' && (archived === null || String(member.archived) === archived)
  })
  return newestFirst(server, fits, userId)
}

function page(server: FakeServer, { query, userId }: FakeRequest, dialog: FakeDialog) {
  const limit = Number(query.get('limit') ?? 50)
  const all = dialog.messages
  const [before, after, around] = ['before', 'after', 'around'].map((name) => query.get(name))
  let [from, to] = [Math.max(0, all.length - limit), all.length]
  if (around) {
    const at = all.findIndex((m) => m.id >= around)
    const half = Math.floor(limit / 2)
    const middle = at < 0 ? all.length : at
    from = Math.max(0, middle - half)
    to = Math.min(all.length, middle + half + 1)
  } else if (after) {
    const at = all.findIndex((m) => m.id > after)
    from = at < 0 ? all.length : at
    to = Math.min(all.length, from + limit)
  } else if (before) {
    const at = all.findIndex((m) => m.id >= before)
    to = at < 0 ? all.length : at
    from = Math.max(0, to - limit)
  }
  const messages = all.slice(from, to)
  const read = dialog.members.get(userId)?.read ?? ''
  const isUnread = (m: (typeof all)[number]) => m.sender_id !== null && m.sender_id !== userId && m.id > read
  const first = around ? undefined : (messages.find(isUnread)?.id ?? (all.some(isUnread) ? messages[0]?.id : undefined))
  return data({
    messages,
    ...(first && { first_unread_message_id: first }),
    has_more_before: from > 0,
    has_more_after: to < all.length,
    ...(!server.legacy && { seq: dialog.log.length }),
  })
}

function send(server: FakeServer, { body, userId }: FakeRequest, dialog: FakeDialog) {
  const known = body.client_message_id && !server.legacy && server.keys.get(body.client_message_id)
  if (known) return data(known)
  const attachments = body.attachments.map((a: { s3_key: string }) => ({
    ...a,
    id: `file:${a.s3_key}`,
    url: `https://files.test/${a.s3_key}`,
  }))
  const options = { replyTo: body.reply_to, key: body.client_message_id }
  return data(server.say(dialog.id, userId, body.content, attachments.length ? { ...options, attachments } : options))
}

const flag =
  (name: 'archived' | 'pinned', value: boolean, status: string): Handler =>
  (server, { userId }, dialog) => {
    const member = dialog.members.get(userId)
    if (!member) return envelope(403, 'NOT_PARTICIPANT')
    member[name] = value
    if (name === 'archived') {
      server.tell([userId], { type: value ? 'dialog.archived' : 'dialog.unarchived', dialog_id: dialog.id })
    } else server.tell([userId], { type: 'dialog.updated', dialog_id: dialog.id, is_pinned: value })
    return bare({ status })
  }

/** Under `/dialogs/{id}`: method, rest of the path, what is answered. `needs`: members only. */
const routes: [string, RegExp, Handler, needs?: 'member'][] = [
  ['GET', /^$/, (server, { userId }, dialog) => data(server.item(dialog, userId))],
  [
    'GET',
    /^\/participants$/,
    (server, { userId }, dialog) =>
      data(
        [...dialog.members.values()].map((m) => ({
          dialog_id: dialog.id,
          user_id: m.user_id,
          joined_at: dialog.created_at,
          joined_as: 'participant',
          notifications_enabled: m.notify,
          last_read_message_id: m.read,
          unread_count: m.user_id === userId ? server.unread(dialog, userId) : 0,
          display_name: m.display_name,
          company: m.company,
          email: null,
          phone: null,
          is_online: server.online.has(m.user_id),
        })),
      ),
  ],
  ['GET', /^\/messages$/, page, 'member'],
  ['POST', /^\/messages$/, send, 'member'],
  [
    'GET',
    /^\/messages\/([^/]+)$/,
    (_server, _request, dialog, [id]) => {
      const message = dialog.messages.find((m) => m.id === id)
      return message ? data(message) : envelope(404, 'MESSAGE_NOT_FOUND')
    },
  ],
  [
    'PUT',
    /^\/messages\/([^/]+)$/,
    (server, { body }, dialog, [id]) => data(server.edit(dialog.id, id!, body.content)),
    'member',
  ],
  [
    'DELETE',
    /^\/messages\/([^/]+)$/,
    (server, _request, dialog, [id]) => {
      server.remove(dialog.id, id!)
      return empty()
    },
    'member',
  ],
  [
    'POST',
    /^\/read$/,
    (server, { userId, body }, dialog) => {
      server.read(dialog.id, userId, body.last_read_message_id)
      return bare({ success: true })
    },
    'member',
  ],
  [
    'POST',
    /^\/join$/,
    (server, { userId }, dialog) => {
      if (dialog.members.has(userId)) return envelope(400, 'BAD_REQUEST')
      server.join(dialog.id, userId)
      return bare({ status: 'joined', dialog_id: dialog.id })
    },
  ],
  [
    'POST',
    /^\/leave$/,
    (server, { userId }, dialog) => {
      server.leave(dialog.id, userId)
      return bare({ status: 'left' })
    },
    'member',
  ],
  ['POST', /^\/archive$/, flag('archived', true, 'archived')],
  ['POST', /^\/unarchive$/, flag('archived', false, 'unarchived')],
  ['POST', /^\/pin$/, flag('pinned', true, 'pinned')],
  ['POST', /^\/unpin$/, flag('pinned', false, 'unpinned')],
  [
    'POST',
    /^\/notifications$/,
    (_server, { userId, body }, dialog) => {
      dialog.members.get(userId)!.notify = body.enabled
      return bare({ status: body.enabled ? 'enabled' : 'disabled' })
    },
    'member',
  ],
]

export function answer(server: FakeServer, request: FakeRequest): Response {
  const { method, path, query, userId, body } = request
  const dialogs = [...server.dialogs.values()]
  if (path === '/health') return bare({ status: 'ok', version: '1' })
  if (method === 'GET' && path === '/dialogs') {
    const offset = Number(query.get('offset') ?? 0)
    return data(select(server, request, dialogs).slice(offset, offset + Number(query.get('limit') ?? 50)))
  }
  const byObject = /^\/dialogs\/by-object\/([^/]+)\/([^/]+)(\/list)?$/.exec(path)
  if (byObject) {
    const [type, id] = byObject.slice(1, 3).map(decodeURIComponent)
    const found = dialogs.filter((d) => d.object_type === type && d.object_id === id)
    if (byObject[3]) return data(select(server, request, found))
    const newest = found.filter((d) => d.members.has(userId) || d.joinable).at(-1)
    return data(newest ? server.item(newest, userId) : null)
  }
  if (path === '/upload/presign') {
    const s3_key = `dialogs/${body.dialog_id}/${server.newId()}`
    return data({ upload_url: `https://files.test/${s3_key}`, s3_key, expires_in: 300 })
  }
  const attachment = /^\/attachments\/([^/]+)\/url$/.exec(path)
  if (attachment) {
    const id = decodeURIComponent(attachment[1]!)
    return data({ url: `https://files.test/${id}?fresh`, thumbnail_url: null, expires_in: 3600 })
  }
  if (request.method === 'PUT' && path.startsWith('/dialogs/') && path.split('/').length === 4) return new Response('')
  const [, id = '', rest = ''] = /^\/dialogs\/([^/]+)(.*)$/.exec(path) ?? []
  const dialog = server.dialogs.get(decodeURIComponent(id))
  if (!dialog) return envelope(404, 'DIALOG_NOT_FOUND')
  for (const [verb, pattern, handler, needs] of routes) {
    const match = pattern.exec(rest)
    if (verb !== method || !match) continue
    if (needs && !dialog.members.has(userId)) return envelope(403, 'FORBIDDEN')
    return handler(server, request, dialog, match.slice(1)) as Response
  }
  return envelope(404, 'NOT_FOUND')
}
