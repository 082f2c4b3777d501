/** useFileUpload: the queue of files for the open dialog's next message, as refs. */
import { MTChatApi } from '@mtchat/client'
import { loadUploads, type Uploads } from '@mtchat/client/state'
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
  const uploads = shallowRef<Uploads>()
  const version = shallowRef(0)
  /** Files given before the queue is here. */
  const arriving = shallowRef(0)
  const dialogId = () => toValue(options.dialogId)
  const pendingAttachments = computed(() => (version.value, uploads.value?.of(dialogId()) ?? []))
  const every = (status: string) => pendingAttachments.value.every((item) => item.status === status)
  const some = (status: string) => pendingAttachments.value.some((item) => item.status === status)
  const isUploading = computed(() => arriving.value > 0 || some('uploading') || some('pending'))

  const removeAttachment = (id: string) => uploads.value?.remove(dialogId() ?? '', id)
  const retryUpload = async (id: string) => uploads.value?.retry(dialogId() ?? '', id)
  const getUploadedAttachments = () => uploads.value?.uploaded(dialogId()) ?? []

  const api = apiOf(options)
  let isOver = false

  /** The queue, fetched for the first file. */
  async function queue(): Promise<Uploads> {
    const { Uploads } = await loadUploads()
    if (uploads.value) return uploads.value
    return (uploads.value = new Uploads({ api, onIssue: options.onError, onChange: () => version.value++ }))
  }

  async function addFiles(files: FileList | File[]): Promise<void> {
    const id = dialogId()
    // A list that belongs to a field is emptied with it.
    const given = [...files]
    if (!id) return
    arriving.value++
    let adding: Promise<void> | undefined
    try {
      const uploads = await queue()
      if (!isOver) adding = uploads.add(id, given)
    } finally {
      arriving.value--
    }
    await adding
  }

  async function uploadAll() {
    const id = dialogId()
    if (arriving.value) await queue()
    await uploads.value?.idle(id)
    return uploads.value?.uploaded(id) ?? []
  }

  if (getCurrentScope()) {
    onScopeDispose(() => {
      isOver = true
      uploads.value?.dispose()
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
    clearAll: () => uploads.value?.clear(dialogId() ?? ''),
    retryUpload,
    pendingFiles: pendingAttachments,
    uploadAll,
    removeFile: removeAttachment,
    retryFile: retryUpload,
  }
}
