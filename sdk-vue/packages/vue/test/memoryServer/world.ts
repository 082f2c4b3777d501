/** A chat server's memory for one test or one playground page: people, dialogs, messages. No transport. */
import type { Attachment, Dialog, DialogListItem, DialogParticipant, Message } from '@mtchat/client'

export interface Person {
  id: string
  name: string
  company: string
  email?: string
  phone?: string
  online?: boolean
}

export interface StoredDialog extends Dialog {
  members: Map<string, Member>
  joinable: boolean
  messages: Message[]
  seq: number
}

export interface Member {
  joinedAt: string
  joinedAs: DialogParticipant['joined_as']
  archived: boolean
  pinned: boolean
  muted: boolean
  readId: string | null
  contacts: { display_name: string; company: string; email?: string; phone?: string }
}

let lastMs = 0
let counter = 0

/** Ids that sort by time, as the server's do: the milliseconds, then a counter. */
export function makeId(at: number): string {
  counter = at === lastMs ? counter + 1 : counter + 1
  lastMs = at
  const time = Math.floor(at).toString(16).padStart(12, '0')
  const rest = counter.toString(16).padStart(8, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-0000${rest}`
}

export const wireTime = (at: number) => new Date(at).toISOString().replace('Z', '000Z')

export class World {
  readonly people = new Map<string, Person>()
  readonly dialogs: StoredDialog[] = []
  /** Milliseconds; each new thing is a little later than the last. */
  now: number

  constructor(startAt = Date.now()) {
    this.now = startAt
  }

  addPerson(person: Person): Person {
    this.people.set(person.id, person)
    return person
  }

  addDialog(fields: Partial<StoredDialog> & { title: string }, memberIds: string[]): StoredDialog {
    const dialog: StoredDialog = {
      id: makeId(this.now),
      object_id: `OBJ-${this.dialogs.length + 1}`,
      object_type: 'order',
      created_at: wireTime(this.now),
      created_by: memberIds[0]!,
      members: new Map(),
      joinable: true,
      messages: [],
      seq: 0,
      ...fields,
    }
    for (const id of memberIds) this.addMember(dialog, id, id === memberIds[0] ? 'creator' : 'participant')
    this.dialogs.push(dialog)
    return dialog
  }

  addMember(dialog: StoredDialog, userId: string, joinedAs: Member['joinedAs'], contacts?: Member['contacts']): Member {
    const person = this.people.get(userId)
    const own = { display_name: person?.name ?? userId, company: person?.company ?? '' }
    const member: Member = {
      joinedAt: wireTime(this.now),
      joinedAs,
      archived: false,
      pinned: false,
      muted: false,
      readId: null,
      contacts: contacts ?? {
        ...own,
        ...(person?.email ? { email: person.email } : {}),
        ...(person?.phone ? { phone: person.phone } : {}),
      },
    }
    dialog.members.set(userId, member)
    return member
  }

  addMessage(
    dialog: StoredDialog,
    senderId: string | null,
    content: string,
    extra: Partial<Message> & { attachments?: Attachment[] } = {},
  ): Message {
    this.now += 1
    const message: Message = {
      id: makeId(this.now),
      dialog_id: dialog.id,
      sender_id: senderId,
      content,
      sent_at: wireTime(this.now),
      // Absent is null on the wire.
      ...({ last_edited_at: null, reply_to_id: null } as object),
      message_type: senderId === null ? 'system' : 'user',
      seq: ++dialog.seq,
      ...extra,
    }
    dialog.messages.push(message)
    const sender = senderId ? dialog.members.get(senderId) : undefined
    if (sender) sender.readId = message.id
    return message
  }

  unreadOf(dialog: StoredDialog, userId: string): Message[] {
    const { readId = null } = dialog.members.get(userId) ?? {}
    return dialog.messages.filter(
      (message) => message.message_type === 'user' && message.sender_id !== userId && (!readId || message.id > readId),
    )
  }

  /** A dialog as one of its people gets it. */
  view(dialog: StoredDialog, userId: string): DialogListItem {
    const member = dialog.members.get(userId)
    const last = dialog.messages.at(-1)
    const { members, joinable, messages: _, ...fields } = dialog
    const shared = {
      ...fields,
      i_am_participant: Boolean(member),
      can_join: !member && joinable,
      participants_count: members.size,
      participants: [...members].map(([user_id, { contacts }]) => ({
        user_id,
        display_name: contacts.display_name,
        company: contacts.company,
      })),
    }
    if (!member) return shared
    return {
      ...shared,
      unread_count: this.unreadOf(dialog, userId).length,
      is_archived: member.archived,
      is_pinned: member.pinned,
      notifications_enabled: !member.muted,
      ...(last
        ? {
            last_message_at: last.sent_at,
            last_message: {
              id: last.id,
              content: last.content,
              ...(last.sender_id ? { sender_id: last.sender_id } : {}),
              sent_at: last.sent_at,
              message_type: last.message_type ?? 'user',
            },
          }
        : {}),
    }
  }

  participants(dialog: StoredDialog): DialogParticipant[] {
    return [...dialog.members].map(([user_id, member]) => ({
      dialog_id: dialog.id,
      user_id,
      joined_at: member.joinedAt,
      joined_as: member.joinedAs,
      notifications_enabled: !member.muted,
      ...(member.readId ? { last_read_message_id: member.readId } : {}),
      unread_count: 0,
      ...member.contacts,
      is_online: this.people.get(user_id)?.online ?? false,
    }))
  }
}
