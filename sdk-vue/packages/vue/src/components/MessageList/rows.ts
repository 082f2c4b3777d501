/** Messages as the rows of the list: what stands between them, and which ones belong together. Pure. */
import type { Message } from '@mtchat/client'

/** Messages of one person this close to each other share one avatar and name. */
export const GROUP_MS = 5 * 60_000

export type Row =
  | { kind: 'date'; key: string; iso: string }
  | { kind: 'unread'; key: string }
  | { kind: 'system'; key: string; message: Message }
  | { kind: 'message'; key: string; message: Message; continued: boolean; endsGroup: boolean }

export type MessageRow = Extract<Row, { kind: 'message' }>

export function keyOf(message: Message): string {
  return message.client_message_id ?? message.id
}

export function isSystem(message: Message): boolean {
  return message.message_type === 'system' || message.sender_id === null
}

function dayOf(iso: string): string {
  const date = new Date(iso)
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`
}

function belongsTo(message: Message, previous: Row | undefined): boolean {
  if (previous?.kind !== 'message' || message.reply_to_id) return false
  const before = previous.message
  const gap = Date.parse(message.sent_at) - Date.parse(before.sent_at)
  return before.sender_id === message.sender_id && gap < GROUP_MS
}

/**
 * @param messages oldest first.
 * @param firstUnreadId the divider goes before this message.
 */
export function buildRows(messages: readonly Message[], firstUnreadId: string | null): Row[] {
  const rows: Row[] = []
  let day = ''
  for (const message of messages) {
    const itsDay = dayOf(message.sent_at)
    if (itsDay !== day) rows.push({ kind: 'date', key: `date ${itsDay}`, iso: message.sent_at })
    day = itsDay
    if (message.id === firstUnreadId) rows.push({ kind: 'unread', key: 'unread' })
    const key = keyOf(message)
    if (isSystem(message)) {
      rows.push({ kind: 'system', key, message })
      continue
    }
    const previous = rows.at(-1)
    const continued = belongsTo(message, previous)
    if (continued && previous?.kind === 'message') previous.endsGroup = false
    rows.push({ kind: 'message', key, message, continued, endsGroup: true })
  }
  return rows
}

/** Height to reckon with, in pixels, until the row has been on the screen once. */
export function estimateHeight(row: Row): number {
  if (row.kind === 'date') return 40
  if (row.kind === 'unread') return 32
  if (row.kind === 'system') return 28
  // A line of 21 px holds about 70 characters; markup counts too, which makes up for short lines.
  const lines = Math.min(12, Math.ceil(row.message.content.length / 90) || 1)
  const files = row.message.attachments?.length ? 136 : 0
  return (row.continued ? 8 : 34) + lines * 21 + files + (row.message.reply_to_id ? 48 : 0)
}
