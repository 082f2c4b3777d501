/** FakeWorld: the dialogs of a FakeServer and what can happen in them. Knows no network. */
import type { DialogListItem, DialogParticipant, Message } from '../src/types'

export interface FakeDialog {
  id: string
  title: string
  object_id: string
  object_type: string
  created_at: string
  members: Map<string, FakeMember>
  messages: Message[]
  log: { seq: number; frame: Record<string, unknown> }[]
  joinable: boolean
}

export interface FakeMember extends Pick<DialogParticipant, 'user_id' | 'display_name' | 'company'> {
  read: string | null
  archived: boolean
  pinned: boolean
  notify: boolean
}

export interface SayOptions {
  replyTo?: string
  attachments?: Message['attachments']
  system?: boolean
  key?: string
}

export abstract class FakeWorld {
  readonly dialogs = new Map<string, FakeDialog>()
  /** Clients' keys of sends, so that a repeat answers the first message. */
  readonly keys = new Map<string, Message>()
  protected muted = false
  private counter = 0

  constructor(readonly legacy: boolean) {}

  /** Send a frame to every socket of these people. */
  abstract tell(users: string[], frame: object): void

  newId(): string {
    const hex = (++this.counter).toString(16).padStart(12, '0')
    return `0199b3aa-0001-7000-8000-${hex}`
  }

  now(): string {
    return new Date(Date.now() + ++this.counter).toISOString()
  }

  addDialog(
    options: { members?: string[]; title?: string; objectType?: string; objectId?: string; joinable?: boolean } = {},
  ) {
    const { members = [], title = 'Order', objectType = 'order', objectId = '1', joinable = true } = options
    const id = this.newId()
    const dialog: FakeDialog = {
      id,
      title,
      object_id: objectId,
      object_type: objectType,
      created_at: this.now(),
      members: new Map(),
      messages: [],
      log: [],
      joinable,
    }
    for (const user of members) dialog.members.set(user, newMember(user))
    this.dialogs.set(id, dialog)
    return dialog
  }

  /** A message from somebody, committed and announced. */
  say(dialogId: string, sender: string, content: string, options: SayOptions = {}): Message {
    const { replyTo, attachments, system, key } = options
    const dialog = this.dialogs.get(dialogId)!
    const message: Message = {
      id: this.newId(),
      dialog_id: dialogId,
      sender_id: system ? null : sender,
      content,
      sent_at: this.now(),
      // As on the wire, where absent is null.
      ...({ last_edited_at: null, reply_to_id: replyTo ?? null } as object),
      message_type: system ? 'system' : 'user',
      ...(attachments && { attachments }),
    }
    dialog.messages.push(message)
    const member = dialog.members.get(sender)
    if (member && !system) member.read = message.id
    if (key) this.keys.set(key, message)
    const flat = {
      id: message.id,
      dialog_id: dialogId,
      content,
      sent_at: message.sent_at,
      message_type: message.message_type,
    }
    this.commit(dialog, {
      type: 'message.new',
      ...flat,
      ...(!system && { sender_id: sender }),
      ...(!this.legacy && { payload: { message } }),
    })
    return message
  }

  /** Fill a dialog without announcing. */
  fill(dialogId: string, sender: string, count: number): Message[] {
    this.muted = true
    const made = Array.from({ length: count }, (_, i) => this.say(dialogId, sender, `message ${i + 1}`))
    this.muted = false
    return made
  }

  edit(dialogId: string, id: string, content: string): Message {
    const dialog = this.dialogs.get(dialogId)!
    const message = dialog.messages.find((m) => m.id === id)!
    Object.assign(message, { content, last_edited_at: this.now() })
    const { last_edited_at } = message
    this.commit(dialog, { type: 'message.edited', id, dialog_id: dialogId, content, last_edited_at })
    return message
  }

  remove(dialogId: string, id: string): void {
    const dialog = this.dialogs.get(dialogId)!
    dialog.messages = dialog.messages.filter((m) => m.id !== id)
    this.commit(dialog, { type: 'message.deleted', id, dialog_id: dialogId })
  }

  join(dialogId: string, user: string): void {
    const dialog = this.dialogs.get(dialogId)!
    dialog.members.set(user, newMember(user))
    this.commit(dialog, { type: 'participant.joined', dialog_id: dialogId, user_id: user })
  }

  leave(dialogId: string, user: string): void {
    const dialog = this.dialogs.get(dialogId)!
    const frame = { type: 'participant.left', dialog_id: dialogId, user_id: user }
    this.commit(dialog, frame)
    dialog.members.delete(user)
  }

  read(dialogId: string, user: string, id: string): void {
    const member = this.dialogs.get(dialogId)!.members.get(user)!
    if (member.read && member.read >= id) return
    member.read = id
    this.tell([...this.dialogs.get(dialogId)!.members.keys()], {
      type: 'message.read',
      dialog_id: dialogId,
      user_id: user,
      last_read_message_id: id,
    })
  }

  unread(dialog: FakeDialog, user: string): number {
    const read = dialog.members.get(user)?.read ?? ''
    return dialog.messages.filter((m) => m.sender_id && m.sender_id !== user && m.id > read).length
  }

  /** Number, log and send an event to the members. */
  commit(dialog: FakeDialog, fields: Record<string, unknown>): void {
    const seq = dialog.log.length + 1
    const frame = this.legacy ? fields : { ...fields, seq }
    dialog.log.push({ seq, frame })
    if (!this.muted) this.tell([...dialog.members.keys()], frame)
  }

  item(dialog: FakeDialog, user: string): DialogListItem {
    const member = dialog.members.get(user)
    const last = dialog.messages[dialog.messages.length - 1]
    return {
      id: dialog.id,
      title: dialog.title,
      object_id: dialog.object_id,
      object_type: dialog.object_type,
      created_at: dialog.created_at,
      participants_count: dialog.members.size,
      i_am_participant: member !== undefined,
      can_join: !member,
      ...(last && { last_message_at: last.sent_at }),
      ...(member && {
        unread_count: this.unread(dialog, user),
        is_archived: member.archived,
        is_pinned: member.pinned,
        notifications_enabled: member.notify,
        ...(!this.legacy && { seq: dialog.log.length }),
        ...(last && {
          last_message: {
            id: last.id,
            content: last.content,
            ...(last.sender_id && { sender_id: last.sender_id }),
            sent_at: last.sent_at,
            message_type: last.message_type!,
          },
        }),
      }),
    }
  }
}

function newMember(user: string): FakeMember {
  const display_name = user[0]!.toUpperCase() + user.slice(1)
  return { user_id: user, display_name, company: 'North', read: null, archived: false, pinned: false, notify: true }
}
