export type { ChatActions } from './actions'
export { Chat } from './chat'
export type { ChatOptions } from './chat'
export type { ChatState, ConnectionState, DialogListKind } from './chatState'
export { compareDialogs, DialogStore } from './dialogStore'
export { Drafts } from './drafts'
export type { Draft, DraftStorage } from './drafts'
export type { ChatScope } from './lists'
export { Outbox } from './outbox'
export type { OutboxEntry, OutboxOptions, OutgoingMessage } from './outbox'
export type { Viewport } from './reading'
export { Store, Subscribable } from './subscribable'
export { Timeline } from './timeline'
export { Typing } from './typing'
export { describeIssue, Uploads } from './uploads'
export type { PendingAttachment, UploadIssue, UploadsOptions } from './uploads'

/** The queue of files, for hosts that fetch it with the first one. */
export const loadUploads = () => import('./uploads')
