/** useFileUpload: the queue of files for the open dialog's next message, as refs. */
import { MTChatApi } from '@mtchat/client'
import { Uploads } from '@mtchat/client/state'
import { computed, getCurrentScope, onScopeDispose, shallowRef, toValue } from 'vue'
import type { UseFileUploadOptions, UseFileUploadReturn } from './types'

export type { UseFileUploadOptions, UseFileUploadReturn } from './types'

/** The api given, or one made from the config; current when an upload begins. */
function apiOf(options: UseFileUploadOptions): () => MTChatApi {
  const made = computed(() => {
    const config = toValue(options.config)
    if (!config) throw new Error('useFileUpload needs `api` or `config`')
    const { baseUrl, userId, scopeConfig, token, getToken, requestTimeout } = config
    return new MTChatApi(baseUrl, userId, scopeConfig, token, { getToken, timeoutMs: requestTimeout })
  })
  return () => toValue(options.api) ?? made.value
}

export function useFileUpload(options: UseFileUploadOptions): UseFileUploadReturn {
  const uploads = new Uploads({ api: apiOf(options), onIssue: options.onError })
  const version = shallowRef(0)
  const stop = uploads.subscribe(() => version.value++)
  const dialogId = () => toValue(options.dialogId)
  const pendingAttachments = computed(() => (version.value, uploads.of(dialogId())))
  const every = (status: string) => pendingAttachments.value.every((item) => item.status === status)
  const some = (status: string) => pendingAttachments.value.some((item) => item.status === status)
  const isUploading = computed(() => some('uploading') || some('pending'))

  const removeAttachment = (id: string) => uploads.remove(dialogId() ?? '', id)
  const retryUpload = (id: string) => uploads.retry(dialogId() ?? '', id)
  const getUploadedAttachments = () => uploads.uploaded(dialogId())

  async function addFiles(files: FileList | File[]): Promise<void> {
    const id = dialogId()
    if (id) await uploads.add(id, [...files])
  }

  async function uploadAll() {
    const id = dialogId()
    await uploads.idle(id)
    return uploads.uploaded(id)
  }

  if (getCurrentScope()) {
    onScopeDispose(() => {
      stop()
      uploads.dispose()
    })
  }

  return {
    pendingAttachments,
    isUploading,
    isReady: computed(() => pendingAttachments.value.length > 0 && every('uploaded')),
    hasUploaded: computed(() => some('uploaded')),
    addFiles,
    removeAttachment,
    getUploadedAttachments,
    clearAll: () => uploads.clear(dialogId() ?? ''),
    retryUpload,
    pendingFiles: pendingAttachments,
    uploadAll,
    removeFile: removeAttachment,
    retryFile: retryUpload,
  }
}
