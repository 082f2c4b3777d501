/**
 * The client's types against those generated from the server's OpenAPI document: what the server answers fits what a host
 * is told, and what the client sends fits what the server takes. Compiled by `npm run typecheck`; a mismatch is an error.
 */
import type {
  Attachment,
  AttachmentInput,
  AttachmentUrls,
  Dialog,
  DialogListItem,
  DialogParticipant,
  JoinDialogRequest,
  LastMessage,
  Message,
  MessagesResponse,
  MultipartPart,
  MultipartUploadResponse,
  ParticipantSummary,
  PresignUploadResponse,
} from '../../src'
import type { components } from '../../src/wire'

type Wire = components['schemas']

/** Null on the wire is what types.ts calls absent, all the way down; but a system message's sender is null there, too. */
type Plain<T> = T extends (infer Item)[] ? Plain<Item>[] : T extends object ? PlainObject<T> : T
type Nullable<T, K extends keyof T> = K extends 'sender_id' ? false : null extends T[K] ? true : false
type PlainObject<T> = {
  [K in keyof T as Nullable<T, K> extends true ? never : K]: K extends 'meta' ? T[K] : Plain<T[K]>
} & { [K in keyof T as Nullable<T, K> extends true ? K : never]?: Plain<NonNullable<T[K]>> }

/** An answer of the server is one of ours. */
type Answers<Ours, Body extends Ours> = [Ours, Body]
/** A body of ours is one the server takes; what it may be left out for has a default there. */
type Sends<Ours extends Partial<Body>, Body> = [Ours, Body]

/** The host's own data is any JSON to the server; a host puts an object there. */
type WithMeta<T> = Omit<T, 'meta'> & { meta?: Record<string, unknown> }
/** Left out of one dialog by id for those who could join it. */
type InLists = Required<Pick<Wire['DialogItemOut'], 'participants_count'>>

export type Checks = [
  Answers<Dialog, Plain<WithMeta<Wire['DialogItemOut']>>>,
  Answers<DialogListItem, Plain<WithMeta<Wire['DialogItemOut']> & InLists>>,
  Answers<LastMessage, Plain<Wire['LastMessageOut']>>,
  Answers<ParticipantSummary, Plain<Wire['PersonOut']>>,
  Answers<DialogParticipant, Plain<Wire['RosterEntryOut']>>,
  Answers<Message, Plain<Wire['MessageOut']>>,
  Answers<MessagesResponse, Plain<Wire['MessagePageOut']>>,
  Answers<Attachment, Plain<Wire['AttachmentOut']>>,
  Answers<AttachmentUrls, Plain<Wire['AttachmentUrlOut']>>,
  Answers<PresignUploadResponse, Plain<Wire['UploadOut']>>,
  Answers<MultipartPart, Plain<Wire['PartOut']>>,
  Answers<MultipartUploadResponse, Plain<Wire['PartsOut']>>,
  Sends<JoinDialogRequest, Wire['JoinIn']>,
  Sends<Pick<AttachmentInput, 's3_key' | 'filename' | 'content_type' | 'size'>, Wire['AttachmentIn']>,
]
