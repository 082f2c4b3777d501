/** Uploads: files chosen for a message, per dialog. Owns their queues, progress and preview addresses. */
import { ATTACHMENT_LIMITS, formatFileSize, isAllowedFileType, isValidFileSize } from '../attachments'
import type { LargeUpload } from '../multipart'
import type { MTChatApi } from '../rest'
import type { AttachmentInput } from '../types'

/** Why a file is not taken or not uploaded. `limit`: the number the text should name. */
export interface UploadIssue {
  code: 'too-many' | 'type' | 'size' | 'empty' | 'upload'
  filename?: string
  limit?: number
}

export interface PendingAttachment {
  id: string
  file: File
  filename: string
  contentType: string
  size: number
  /** 0..100 */
  progress: number
  status: 'pending' | 'uploading' | 'uploaded' | 'error'
  s3Key?: string
  previewUrl?: string
  /** Pixels, for images the browser can read. */
  width?: number
  height?: number
  error?: string
  issue?: UploadIssue
}

export interface UploadsOptions {
  api: () => MTChatApi
  onIssue?: ((message: string, issue: UploadIssue) => void) | undefined
  onChange?: (() => void) | undefined
}

/** Files above this go in parts, where the server takes them. */
export const LARGE_FILE_BYTES = 16 * 1024 * 1024

const NONE: PendingAttachment[] = []
let lastId = 0

/** An English sentence for those who have no texts of their own. */
export function describeIssue({ code, filename, limit = 0 }: UploadIssue): string {
  const name = filename ?? 'The file'
  switch (code) {
    case 'too-many':
      return `A message carries at most ${limit} files`
    case 'type':
      return `${name}: this kind of file cannot be attached`
    case 'size':
      return `${name}: larger than ${formatFileSize(limit)}`
    case 'empty':
      return `${name}: the file is empty`
    case 'upload':
      return `${name}: the upload failed`
  }
}

/** Natural size of an image, or undefined where the browser cannot tell. */
async function imageSize(file: File): Promise<{ width: number; height: number } | undefined> {
  if (!file.type.startsWith('image/') || typeof createImageBitmap === 'undefined') return undefined
  try {
    const bitmap = await createImageBitmap(file)
    const { width, height } = bitmap
    bitmap.close()
    return { width, height }
  } catch {
    return undefined
  }
}

export class Uploads {
  private readonly queues = new Map<string, PendingAttachment[]>()
  private readonly running = new Map<string, AbortController>()
  /** Who waits for a dialog to be idle; true: told. */
  private waiting: (() => boolean)[] = []
  /** Uploads in parts that are not complete: trying again goes on with them. */
  private readonly large = new Map<string, LargeUpload>()

  constructor(private readonly options: UploadsOptions) {}

  of(dialogId: string | undefined): PendingAttachment[] {
    return (dialogId && this.queues.get(dialogId)) || NONE
  }

  /** Takes what may be attached and uploads all of it at once; settles when nothing of it is running. */
  async add(dialogId: string, files: readonly File[]): Promise<void> {
    const limit = ATTACHMENT_LIMITS.MAX_ATTACHMENTS_PER_MESSAGE
    if (this.of(dialogId).length + files.length > limit) return this.report({ code: 'too-many', limit })
    const taken = files.filter((file) => this.accepts(file)).map((file) => this.pending(file))
    if (!taken.length) return
    this.queues.set(dialogId, [...this.of(dialogId), ...taken])
    this.changed()
    await Promise.all(taken.map((item) => this.upload(dialogId, item)))
  }

  remove(dialogId: string, id: string): void {
    this.cancel(id)
    const item = this.of(dialogId).find((i) => i.id === id)
    if (item?.previewUrl) URL.revokeObjectURL(item.previewUrl)
    this.setQueue(
      dialogId,
      this.of(dialogId).filter((i) => i.id !== id),
    )
  }

  /** Only from `error`. */
  async retry(dialogId: string, id: string): Promise<void> {
    const item = this.of(dialogId).find((i) => i.id === id)
    if (item?.status === 'error') await this.upload(dialogId, item)
  }

  /** Settles when nothing of this dialog is on its way. */
  idle(dialogId: string | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(() => {
        const isIdle = this.of(dialogId).every((i) => i.status === 'uploaded' || i.status === 'error')
        if (isIdle) resolve()
        return isIdle
      })
      this.look()
    })
  }

  /** What a send takes; order as chosen. */
  uploaded(dialogId: string | undefined): AttachmentInput[] {
    return this.of(dialogId)
      .filter((i) => i.status === 'uploaded' && i.s3Key)
      .map((i) => ({
        s3_key: i.s3Key!,
        filename: i.filename,
        content_type: i.contentType,
        size: i.size,
        ...(i.previewUrl && { preview_url: i.previewUrl }),
        ...(i.width && { width: i.width, height: i.height! }),
      }))
  }

  /**
   * Forget a queue. Running uploads are cancelled. Previews of uploaded files are kept: the message on its way shows them;
   * the browser frees them with the page.
   */
  clear(dialogId: string): void {
    for (const item of this.of(dialogId)) {
      this.cancel(item.id)
      if (item.status !== 'uploaded' && item.previewUrl) URL.revokeObjectURL(item.previewUrl)
    }
    this.setQueue(dialogId, NONE)
  }

  /** Cancel and free everything. */
  dispose(): void {
    for (const [dialogId, queue] of this.queues) for (const item of queue) this.remove(dialogId, item.id)
  }

  private accepts(file: File): boolean {
    const filename = file.name
    if (!isAllowedFileType(file.type)) this.report({ code: 'type', filename })
    else if (file.size === 0) this.report({ code: 'empty', filename })
    else if (!isValidFileSize(file.size))
      this.report({ code: 'size', filename, limit: ATTACHMENT_LIMITS.MAX_FILE_SIZE })
    else return true
    return false
  }

  private pending(file: File): PendingAttachment {
    return {
      id: `upload-${++lastId}`,
      file,
      filename: file.name,
      contentType: file.type,
      size: file.size,
      progress: 0,
      status: 'pending',
      ...(file.type.startsWith('image/') && { previewUrl: URL.createObjectURL(file) }),
    }
  }

  private async upload(dialogId: string, item: PendingAttachment): Promise<void> {
    const { id, file, filename } = item
    const controller = new AbortController()
    this.running.set(id, controller)
    this.patch(dialogId, id, { status: 'uploading', progress: 0, error: undefined, issue: undefined })
    try {
      const progressed = (progress: number) => this.patch(dialogId, id, { progress })
      const [s3Key, dimensions] = await Promise.all([
        this.store(dialogId, item, progressed, controller.signal),
        imageSize(file),
      ])
      this.large.delete(id)
      this.patch(dialogId, id, { status: 'uploaded', progress: 100, s3Key, ...dimensions })
    } catch {
      if (controller.signal.aborted) return
      const issue: UploadIssue = { code: 'upload', filename }
      this.patch(dialogId, id, { status: 'error', error: describeIssue(issue), issue })
      this.report(issue)
    } finally {
      this.running.delete(id)
    }
  }

  /** Brings the bytes into storage; returns their key. */
  private async store(
    dialogId: string,
    { id, file, filename, contentType, size }: PendingAttachment,
    progressed: (percent: number) => void,
    signal: AbortSignal,
  ): Promise<string> {
    const api = this.options.api()
    if (size > LARGE_FILE_BYTES) {
      const { LargeUpload } = await import('../multipart')
      const upload = this.large.get(id) ?? new LargeUpload(api, dialogId, file)
      this.large.set(id, upload)
      const s3Key = await upload.run(progressed, signal)
      if (s3Key) return s3Key
    }
    const { upload_url, s3_key } = await api.getPresignedUploadUrl(dialogId, filename, contentType, size)
    await api.uploadFile(upload_url, file, progressed, signal)
    return s3_key
  }

  /** Stop what runs, and let the server forget what arrived. */
  private cancel(id: string): void {
    this.running.get(id)?.abort()
    this.large
      .get(id)
      ?.cancel()
      .catch(() => undefined)
    this.large.delete(id)
  }

  private report(issue: UploadIssue): void {
    this.options.onIssue?.(describeIssue(issue), issue)
  }

  private patch(
    dialogId: string,
    id: string,
    change: { [K in keyof PendingAttachment]?: PendingAttachment[K] | undefined },
  ) {
    this.setQueue(
      dialogId,
      this.of(dialogId).map((i) => (i.id === id ? ({ ...i, ...change } as PendingAttachment) : i)),
    )
  }

  private setQueue(dialogId: string, queue: PendingAttachment[]): void {
    if (queue.length) this.queues.set(dialogId, queue)
    else this.queues.delete(dialogId)
    this.changed()
  }

  private changed(): void {
    this.options.onChange?.()
    this.look()
  }

  private look(): void {
    this.waiting = this.waiting.filter((isOver) => !isOver())
  }
}
