/**
 * The nouns of the wire: what REST and the socket carry. Names are the wire's (snake_case), times are RFC 3339 strings.
 * Nothing here is configuration (config.ts) or local state (state/).
 *
 * What may be absent is `field?`. Servers also write null there: test for truth or with `??`, not for `undefined`.
 */

export type DialogListType = 'participating' | 'available'
export type MessageType = 'user' | 'system'
export type AttachmentType = 'image' | 'pdf' | 'file'

export interface ApiResponse<T> {
  data: T
}

/** A member as a dialog names them: never contacts. */
export interface ParticipantSummary {
  user_id: string
  display_name?: string
  company?: string
}

/** The newest message of a dialog, as lists show it. */
export interface LastMessage {
  id: string
  content: string
  sender_id?: string
  sender_name?: string
  sent_at: string
  message_type: MessageType
}

/** A chat about one object of the host. */
export interface Dialog {
  id: string
  object_id: string
  object_type: string
  title?: string
  object_url?: string
  created_by?: string
  created_at: string
  /** The host's own data, opaque to us. */
  meta?: Record<string, unknown>
  i_am_participant?: boolean
  can_join?: boolean
  participants_count?: number
  participants?: ParticipantSummary[]
}

/** A dialog with what is true of it for the caller. */
export interface DialogListItem extends Dialog {
  participants_count: number
  unread_count?: number
  is_archived?: boolean
  is_pinned?: boolean
  /** Missing means on. */
  notifications_enabled?: boolean
  last_message_at?: string
  last_message?: LastMessage
  /** Number of the dialog's newest event when this was read; joins a snapshot and the stream without a hole. */
  seq?: number
}

export interface DialogAccessScope {
  id: string
  dialog_id: string
  scope_level0: string[]
  scope_level1: string[]
  scope_level2: string[]
  created_at: string
}

export interface DialogParticipant {
  dialog_id: string
  user_id: string
  joined_at: string
  joined_as: 'creator' | 'participant' | 'joined'
  notifications_enabled: boolean
  last_read_message_id?: string
  unread_count: number
  display_name?: string
  company?: string
  email?: string
  phone?: string
  is_online?: boolean
}

export type ParticipantProfile = Pick<DialogParticipant, 'user_id' | 'display_name' | 'company' | 'email' | 'phone'>

export interface JoinDialogRequest {
  display_name: string
  company: string
  email?: string
  phone?: string
}

export interface Attachment {
  id: string
  filename: string
  content_type: string
  size: number
  width?: number
  height?: number
  /** Signed and short-lived; '' when storage is off. */
  url: string
  thumbnail_url?: string
}

/** An uploaded file as a send names it. */
export interface AttachmentInput {
  s3_key: string
  filename: string
  content_type: string
  size: number
  /** Shown while the message is on its way; never sent. */
  preview_url?: string
  /** Shown while the message is on its way; never sent. Pixels. */
  width?: number
  height?: number
}

export interface PresignUploadResponse {
  upload_url: string
  s3_key: string
  expires_in: number
}

/** One part of a large upload; `upload_url` is there until it has arrived. */
export interface MultipartPart {
  /** From 1. */
  number: number
  size: number
  is_stored: boolean
  upload_url?: string
}

export interface MultipartUploadResponse {
  upload_id: string
  s3_key: string
  part_size: number
  parts: MultipartPart[]
  expires_in: number
}

export interface AttachmentUrls {
  url: string
  thumbnail_url?: string
  expires_in: number
}

/** Where a message of one's own stands. Absent: the server has it. */
export type DeliveryState = 'sending' | 'queued' | 'failed'

export interface Message {
  id: string
  dialog_id: string
  /** null: a system message. */
  sender_id: string | null
  content: string
  sent_at: string
  last_edited_at?: string
  reply_to_id?: string
  attachments?: Attachment[]
  message_type?: MessageType
  /** The sender's key of the send. Stable from the first key stroke of "send" on: use `client_message_id ?? id` as a list key. */
  client_message_id?: string
  /** Number of the event that made or last changed it. */
  seq?: number
  /** Local: this message is not on the server yet; `id` is the client_message_id. */
  delivery?: DeliveryState
}

export interface MessagesResponse {
  messages: Message[]
  first_unread_message_id?: string
  has_more_before?: boolean
  has_more_after?: boolean
  /** The dialog's newest event when the page was read. */
  seq?: number
}

export interface PaginationOptions {
  limit?: number
  before?: string
  after?: string
  around?: string
}

export type SystemMessageEvent = 'chat_created' | 'participant_joined' | 'participant_left'

/** What the content of a system message says, once parsed as JSON. */
export type SystemMessageContent =
  | { event: 'chat_created'; participants: { name: string; company?: string }[] }
  | { event: 'participant_joined'; name: string; company?: string }
  | { event: 'participant_left'; name: string }

export type WsEventType =
  | 'connected'
  | 'disconnected'
  | 'message.new'
  | 'message.read'
  | 'message.edited'
  | 'message.deleted'
  | 'participant.joined'
  | 'participant.left'
  | 'dialog.archived'
  | 'dialog.unarchived'
  | 'dialog.updated'
  | 'attachment.updated'
  | 'presence.update'
  | 'typing'
  | 'resumed'
  | 'pong'
  | 'error'

/** The fields of a frame. The server sends them flat; nested under `payload` is read as well. */
export interface WsEventPayload {
  dialog_id?: string
  message?: Message
  user_id?: string
  last_read_message_id?: string
  is_online?: boolean
  [field: string]: unknown
}

export interface WsEvent extends WsEventPayload {
  type: WsEventType | (string & {})
  payload?: WsEventPayload
  seq?: number
}

export type WsClientMessageType = 'subscribe' | 'unsubscribe' | 'ping' | 'typing' | 'resume'

export interface WsClientMessage {
  type: WsClientMessageType
  dialog_id?: string
  /** resume: dialog id -> number of the last event known. */
  dialogs?: Record<string, number>
}

export type WsEventHandler = (event: WsEvent) => void
