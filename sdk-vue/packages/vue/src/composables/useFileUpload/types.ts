import type { AttachmentInput, MTChatApi, MTChatConfig } from '@mtchat/client'
import type { PendingAttachment, UploadIssue } from '@mtchat/client/state'
import type { ComputedRef, MaybeRefOrGetter } from 'vue'

export interface UseFileUploadOptions {
  dialogId: MaybeRefOrGetter<string | undefined>
  /** Give `api` (of useChat, as a getter to follow config changes) or `config`. */
  api?: MaybeRefOrGetter<MTChatApi>
  config?: MaybeRefOrGetter<MTChatConfig>
  /** `message` is English; `issue.code` is for texts of your own. */
  onError?: (message: string, issue: UploadIssue) => void
}

export interface UseFileUploadReturn {
  /** Of the current dialog; each dialog keeps its own. */
  pendingAttachments: ComputedRef<PendingAttachment[]>
  isUploading: ComputedRef<boolean>
  /** Not empty and all uploaded. */
  isReady: ComputedRef<boolean>
  hasUploaded: ComputedRef<boolean>
  addFiles(files: FileList | File[]): Promise<void>
  /** Takes it off the queue; a running upload is cancelled. */
  removeAttachment(id: string): void
  getUploadedAttachments(): AttachmentInput[]
  /** Forget the queue of the current dialog. Preview URLs of uploaded images live on until their message is confirmed. */
  clearAll(): void
  retryUpload(id: string): Promise<void>
  /** Alias of `pendingAttachments`. */
  pendingFiles: ComputedRef<PendingAttachment[]>
  /** Alias: settles when no upload is running, with what was uploaded. */
  uploadAll(): Promise<AttachmentInput[]>
  /** Alias of `removeAttachment`. */
  removeFile(id: string): void
  /** Alias of `retryUpload`. */
  retryFile(id: string): Promise<void>
}
