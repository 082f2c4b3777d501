/** What a row of the dialog list says. Pure. */
import type { DialogListItem } from '@mtchat/client'
import { htmlToText } from '../../html/plainText'

/** The counter of a row stops growing here. */
const BADGE_LIMIT = 99

export function titleOf(dialog: DialogListItem): string {
  return dialog.title || `${dialog.object_type}/${dialog.object_id}`
}

/** `''` when there is nothing unread, `99+` above 99. */
export function badgeOf(count: number | undefined): string {
  if (!count || count < 0) return ''
  return count > BADGE_LIMIT ? `${BADGE_LIMIT}+` : String(count)
}

export interface Preview {
  sender: string
  text: string
}

/**
 * The last message on one line; null for none and for a system message.
 * @param texts words for oneself and for a message that is only files.
 */
export function previewOf(
  dialog: DialogListItem,
  userId: string,
  texts: { you: string; files: string },
): Preview | null {
  const last = dialog.last_message
  if (!last || last.message_type === 'system') return null
  const sender = dialog.participants?.find((person) => person.user_id === last.sender_id)
  const name = last.sender_id === userId ? texts.you : sender?.company || sender?.display_name || last.sender_name || ''
  return { sender: name, text: htmlToText(last.content) || texts.files }
}
