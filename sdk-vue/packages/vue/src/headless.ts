/** `@mtchat/vue/headless`: everything but the components. */
export * from '@mtchat/client'
export { useChat } from './composables/useChat'
export type { ChatStateRefs, UseChatOptions, UseChatReturn } from './composables/useChat'
export { useFileUpload } from './composables/useFileUpload'
export type { UseFileUploadOptions, UseFileUploadReturn } from './composables/useFileUpload'
export type {
  ChatActions,
  ChatState,
  ConnectionState,
  DialogListKind,
  Draft,
  DraftStorage,
  OutboxEntry,
  PendingAttachment,
  UploadIssue,
  Viewport,
} from '@mtchat/client/state'
