import type { DialogParticipant, Message } from '@mtchat/client'

/** Everybody who has read the message, its sender left out. */
export function readersOf(message: Message, participants: readonly DialogParticipant[]): DialogParticipant[] {
  return participants.filter(
    ({ user_id, last_read_message_id: position }) =>
      user_id !== message.sender_id && position != null && position >= message.id,
  )
}
