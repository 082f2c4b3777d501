/** Uploads: files chosen for a message, per dialog. Owns their queues, progress and preview addresses. */
import { ATTACHMENT_LIMITS, formatFileSize, isAllowedFileType, isValidFileSize } from '../attachments'
import { isAborted } from '../errors'
import type { MTChatApi } from '../rest'
import type { AttachmentInput } from '../types'
import { Subscribable } from './subscribable'

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
}

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

export class Uploads extends Subscribable {
  private readonly queues = new Map<string, PendingAttachment[]>()
  private readonly running = new Map<string, AbortController>()

  constructor(private readonly options: UploadsOptions) {
    super()
  }

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
    this.notify()
    await Promise.all(taken.map((item) => this.upload(dialogId, item)))
  }

  remove(dialogId: string, id: string): void {
    this.running.get(id)?.abort()
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
    const isBusy = () => this.of(dialogId).some((i) => i.status === 'pending' || i.status === 'uploading')
    return new Promise((resolve) => {
      const look = () => {
        if (isBusy()) return
        stop()
        resolve()
      }
      const stop = this.subscribe(look)
      look()
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
      this.running.get(item.id)?.abort()
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

  private async upload(dialogId: string, { id, file, filename, contentType, size }: PendingAttachment): Promise<void> {
    const api = this.options.api()
    const controller = new AbortController()
    this.running.set(id, controller)
    this.patch(dialogId, id, { status: 'uploading', progress: 0, error: undefined, issue: undefined })
    try {
      const [target, dimensions] = await Promise.all([
        api.getPresignedUploadUrl(dialogId, filename, contentType, size),
        imageSize(file),
      ])
      if (dimensions) this.patch(dialogId, id, dimensions)
      const progressed = (progress: number) => this.patch(dialogId, id, { progress })
      await api.uploadFile(target.upload_url, file, progressed, controller.signal)
      this.patch(dialogId, id, { status: 'uploaded', progress: 100, s3Key: target.s3_key })
    } catch (error) {
      if (isAborted(error)) return
      const issue: UploadIssue = { code: 'upload', filename }
      this.patch(dialogId, id, { status: 'error', error: describeIssue(issue), issue })
      this.report(issue)
    } finally {
      this.running.delete(id)
    }
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
    this.notify()
  }
}
