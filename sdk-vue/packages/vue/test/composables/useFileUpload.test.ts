import { MTChatApi, MTChatError } from '@mtchat/client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { effectScope, ref, type EffectScope } from 'vue'
import { useFileUpload, type UseFileUploadOptions } from '../../src/headless'

const SCOPES = { scopeLevel0: [], scopeLevel1: [], scopeLevel2: [] }
const file = (name: string, type = 'text/plain', size = 3) =>
  Object.defineProperty(new File(['abc'], name, { type }), 'size', { value: size })

let scope: EffectScope
let api: MTChatApi
/** Ends the uploads under way, in the order they began. */
let uploads: { finish(): void; fail(): void; progress(percent: number): void; signal: AbortSignal }[]

beforeEach(() => {
  scope = effectScope()
  uploads = []
  api = new MTChatApi('http://chat.test', 'anna', SCOPES)
  let number = 0
  vi.spyOn(api, 'getPresignedUploadUrl').mockImplementation(async () => {
    const s3_key = `key-${++number}`
    return { upload_url: `https://files.test/${s3_key}`, s3_key, expires_in: 300 }
  })
  vi.spyOn(api, 'uploadFile').mockImplementation(
    (_url, _file, onProgress, signal) =>
      new Promise<void>((resolve, reject) => {
        const aborted = () => reject(new MTChatError('ABORTED', 'cancelled'))
        signal!.addEventListener('abort', aborted)
        const fail = () => reject(new MTChatError('UPLOAD_FAILED', 'no'))
        uploads.push({ finish: resolve, fail, progress: (p) => onProgress?.(p), signal: signal! })
      }),
  )
  URL.createObjectURL = vi.fn((f) => `blob:${(f as File).name}`)
  URL.revokeObjectURL = vi.fn()
})

afterEach(() => {
  scope.stop()
  vi.restoreAllMocks()
})

const using = (options: Partial<UseFileUploadOptions> = {}) =>
  scope.run(() => useFileUpload({ dialogId: 'd', api, ...options }))!

describe('useFileUpload', () => {
  test('uploads at once, shows how far it is, and hands over what a send takes', async () => {
    const files = using()
    const done = files.addFiles([file('a.txt'), file('b.txt')])
    await vi.waitFor(() => expect(uploads).toHaveLength(2))
    uploads[0]!.progress(40)
    expect(files.pendingAttachments.value[0]).toMatchObject({ filename: 'a.txt', status: 'uploading', progress: 40 })
    expect([files.isUploading.value, files.isReady.value, files.hasUploaded.value]).toEqual([true, false, false])
    uploads.forEach((u) => u.finish())
    await done
    expect([files.isUploading.value, files.isReady.value, files.hasUploaded.value]).toEqual([false, true, true])
    expect(files.getUploadedAttachments()).toEqual([
      { s3_key: 'key-1', filename: 'a.txt', content_type: 'text/plain', size: 3 },
      { s3_key: 'key-2', filename: 'b.txt', content_type: 'text/plain', size: 3 },
    ])
  })

  test('files count from the moment they are given, so that no send leaves without them', async () => {
    const files = using()
    void files.addFiles([file('a.txt')])
    expect(files.isUploading.value).toBe(true)
    const taken = files.uploadAll()
    await vi.waitFor(() => expect(uploads).toHaveLength(1))
    uploads[0]!.finish()
    expect(await taken).toMatchObject([{ filename: 'a.txt' }])
    expect(files.isUploading.value).toBe(false)
  })

  test('says why a file is not taken, and takes the others', async () => {
    const onError = vi.fn()
    const files = using({ onError })
    void files.addFiles([
      file('a.exe', 'application/x-msdownload'),
      file('empty.txt', 'text/plain', 0),
      file('huge.zip', 'application/zip', 200_000_000),
      file('fine.txt'),
    ])
    await vi.waitFor(() => expect(uploads).toHaveLength(1))
    expect(onError.mock.calls.map(([, issue]) => issue.code)).toEqual(['type', 'empty', 'size'])
    expect(onError.mock.calls[2]![0]).toBe('huge.zip: larger than 100.0 MB')
    expect(files.pendingAttachments.value.map((i) => i.filename)).toEqual(['fine.txt'])
  })

  test('a batch that makes more than ten is refused as a whole', async () => {
    const onError = vi.fn()
    const files = using({ onError })
    await files.addFiles(Array.from({ length: 11 }, (_, i) => file(`${i}.txt`)))
    expect(files.pendingAttachments.value).toEqual([])
    expect(onError).toHaveBeenCalledWith('A message carries at most 10 files', { code: 'too-many', limit: 10 })
  })

  test('removing cancels a running upload and frees its preview', async () => {
    const onError = vi.fn()
    const files = using({ onError })
    const done = files.addFiles([file('a.png', 'image/png')])
    await vi.waitFor(() => expect(uploads).toHaveLength(1))
    files.removeAttachment(files.pendingAttachments.value[0]!.id)
    await done
    expect(uploads[0]!.signal.aborted).toBe(true)
    expect(URL.revokeObjectURL).toHaveBeenCalledWith('blob:a.png')
    expect(files.pendingAttachments.value).toEqual([])
    expect(onError).not.toHaveBeenCalled()
  })

  test('a failed upload says so and can be tried again', async () => {
    const onError = vi.fn()
    const files = using({ onError })
    const failed = files.addFiles([file('a.txt')])
    await vi.waitFor(() => expect(uploads).toHaveLength(1))
    uploads[0]!.fail()
    await failed
    const [item] = files.pendingAttachments.value
    expect(item).toMatchObject({ status: 'error', issue: { code: 'upload', filename: 'a.txt' } })
    expect(files.hasUploaded.value).toBe(false)
    const again = files.retryFile(item!.id)
    await vi.waitFor(() => expect(uploads).toHaveLength(2))
    uploads[1]!.finish()
    await again
    expect(files.isReady.value).toBe(true)
  })

  test('W1: each dialog keeps its own files, and their uploads go on', async () => {
    const dialogId = ref<string | undefined>('d')
    const files = using({ dialogId })
    const done = files.addFiles([file('a.txt')])
    await vi.waitFor(() => expect(uploads).toHaveLength(1))
    dialogId.value = 'other'
    expect(files.pendingAttachments.value).toEqual([])
    uploads[0]!.finish()
    await done
    dialogId.value = 'd'
    expect(files.isReady.value).toBe(true)
    files.clearAll()
    expect(files.pendingAttachments.value).toEqual([])
  })

  test('the size of an image is known before it is sent', async () => {
    vi.stubGlobal('createImageBitmap', async () => ({ width: 640, height: 480, close() {} }))
    const files = using()
    const done = files.addFiles([file('a.png', 'image/png')])
    await vi.waitFor(() => expect(uploads).toHaveLength(1))
    uploads[0]!.finish()
    await done
    expect(files.getUploadedAttachments()[0]).toMatchObject({ width: 640, height: 480, preview_url: 'blob:a.png' })
    vi.unstubAllGlobals()
  })

  test('W9: a changed api is used from the next file on', async () => {
    const current = ref('first')
    const other = new MTChatApi('http://other.test', 'vera', SCOPES)
    const presign = vi.spyOn(other, 'getPresignedUploadUrl').mockRejectedValue(new MTChatError('FORBIDDEN', 'no', 403))
    const files = using({ api: () => (current.value === 'first' ? api : other) })
    current.value = 'second'
    await files.addFiles([file('a.txt')])
    expect(presign).toHaveBeenCalledOnce()
  })

  test('knows the names of the docs too, and a config instead of an api', async () => {
    const config = {
      baseUrl: 'http://chat.test',
      userId: 'anna',
      scopeConfig: SCOPES,
      userProfile: { displayName: 'A', company: '' },
    }
    const files = using({ api: undefined, config })
    expect(files.pendingFiles.value).toEqual([])
    expect(await files.uploadAll()).toEqual([])
    expect([files.removeFile, files.retryFile].every((f) => typeof f === 'function')).toBe(true)
  })
})
