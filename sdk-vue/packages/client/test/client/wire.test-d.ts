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

/** An answer of the server is one of ours. */
type Answers<Ours, Body extends Ours> = [Ours, Body]
/** A body of ours is one the server takes; what it may be left out for has a default there. */
type Sends<Ours extends Partial<Body>, Body> = [Ours, Body]

/** The host's own data is any JSON to the server; a host puts an object there. */
type WithMeta<T> = Omit<T, 'meta'> & { meta?: Record<string, unknown> }
/** Left out of one dialog by id for those who could join it. */
type InLists = Required<Pick<Wire['DialogItemOut'], 'participants_count'>>

export type Checks = [
  Answers<Dialog, WithMeta<Wire['DialogItemOut']>>,
  Answers<DialogListItem, WithMeta<Wire['DialogItemOut']> & InLists>,
  Answers<LastMessage, Wire['LastMessageOut']>,
  Answers<ParticipantSummary, Wire['PersonOut']>,
  Answers<DialogParticipant, Wire['RosterEntryOut']>,
  Answers<Message, Wire['MessageOut']>,
  Answers<MessagesResponse, Wire['MessagePageOut']>,
  Answers<Attachment, Wire['AttachmentOut']>,
  Answers<AttachmentUrls, Wire['AttachmentUrlOut']>,
  Answers<PresignUploadResponse, Wire['UploadOut']>,
  Answers<MultipartPart, Wire['PartOut']>,
  Answers<MultipartUploadResponse, Wire['PartsOut']>,
  Sends<JoinDialogRequest, Wire['JoinIn']>,
  Sends<Pick<AttachmentInput, 's3_key' | 'filename' | 'content_type' | 'size'>, Wire['AttachmentIn']>,
]
