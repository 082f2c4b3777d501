/** Who has read what. Message ids sort by time, so a position outside the loaded window compares by id. Pure. */
import type { DialogParticipant, Message } from '@mtchat/client'

/** The newest message that anybody but the user has read; null: nobody read anything. */
export function readUpTo(participants: readonly DialogParticipant[], userId: string): string | null {
  let newest: string | null = null
  for (const { user_id, last_read_message_id: position } of participants) {
    if (user_id !== userId && position && (newest === null || position > newest)) newest = position
  }
  return newest
}

export type Mark = 'sending' | 'queued' | 'failed' | 'sent' | 'read'

/** What the mark behind one's own message shows. */
export function markOf(message: Message, upTo: string | null): Mark {
  if (message.delivery) return message.delivery
  return upTo !== null && message.id <= upTo ? 'read' : 'sent'
}
