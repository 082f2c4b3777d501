export {
  ATTACHMENT_LIMITS,
  formatFileSize,
  getAttachmentType,
  getFileIconName,
  isAllowedFileType,
  isValidFileSize,
} from './attachments'
export type { FileIconName } from './attachments'
export { MTChatClient } from './client'
export type { ClientFeatures } from './client'
export { CLOSE_CODES, closeRule } from './closeCodes'
export type { CloseAction, CloseRule } from './closeCodes'
export type { ChatMode, GetToken, Locale, LocaleMessages, MTChatConfig, ScopeConfig, UserProfile } from './config'
export { asError, isAborted, MTChatError } from './errors'
export type { ErrorCode, LocalErrorCode, ServerErrorCode } from './errors'
export type { RequestOptions } from './http'
export { MTChatApi } from './rest'
export type { ApiOptions, ListOptions, ObjectDialogsOptions, SendOptions } from './rest'
export { encodeScopes } from './scopes'
export { MTChatWebSocket } from './socket'
export type { SocketState, WsClientOptions } from './socket'
export { TokenSource } from './tokens'
export type * from './types'
