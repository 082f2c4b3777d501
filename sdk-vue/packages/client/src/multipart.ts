/**
 * LargeUpload: a large file in parts. What arrived stays: after a failure, `run` again sends only the rest.
 * Loaded when the first large file is chosen.
 */
import { backoffMs, sleep } from './backoff'
import type { MTChatError } from './errors'
import type { MTChatApi } from './rest'
import type { ApiResponse, MultipartPart, MultipartUploadResponse } from './types'

/** Enough to fill a line with round trips in it, few enough to leave the browser connections for the chat. */
const PARALLEL = 3
const ATTEMPTS = 3
const ROUTE = '/upload/multipart'

export class LargeUpload {
  private id: string | undefined
  /** Bytes of each part that have arrived. */
  private readonly arrived = new Map<number, number>()

  constructor(
    private readonly api: MTChatApi,
    private readonly dialogId: string,
    private readonly file: File,
  ) {}

  /** The key to name in a message; undefined when this server takes no parts. `onProgress` gets 0..100. */
  async run(onProgress: (percent: number) => void, signal: AbortSignal): Promise<string | undefined> {
    const upload = await this.begin(signal)
    if (!upload) return undefined
    const arrive = (number: number, bytes: number) => {
      this.arrived.set(number, bytes)
      const sum = [...this.arrived.values()].reduce((a, b) => a + b, 0)
      onProgress(Math.round((sum / this.file.size) * 100))
    }
    for (const { number, size, is_stored } of upload.parts) if (is_stored) arrive(number, size)
    await this.sendParts(upload, arrive, signal)
    const done = await this.call<{ s3_key: string }>('POST', `${ROUTE}/${this.id}/complete`)
    return done.s3_key
  }

  /** Lets the server throw away what arrived. */
  async cancel(): Promise<void> {
    if (this.id) await this.api.request('DELETE', `${ROUTE}/${this.id}`)
  }

  /** Go on with the upload begun before, if the server still has it. */
  private async begin(signal: AbortSignal): Promise<MultipartUploadResponse | undefined> {
    const { name, type, size } = this.file
    this.arrived.clear()
    const unlessMissing = (error: MTChatError) => {
      if (error.status !== 404 && error.status !== 405) throw error
      return undefined
    }
    const known = this.id && (await this.parts(signal).catch(unlessMissing))
    if (known) return known
    const body = { dialog_id: this.dialogId, filename: name, content_type: type, size }
    const begun = await this.call<MultipartUploadResponse>('POST', ROUTE, body, signal).catch(unlessMissing)
    this.id = begun?.upload_id
    return begun
  }

  private parts(signal: AbortSignal): Promise<MultipartUploadResponse> {
    return this.call('GET', `${ROUTE}/${this.id}`, undefined, signal)
  }

  /** All that are missing, a few at a time; the first failure stops the others. */
  private async sendParts(
    { parts, part_size }: MultipartUploadResponse,
    arrive: (number: number, bytes: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const waiting = parts.filter((part) => !part.is_stored)
    const others = new AbortController()
    const stop = () => others.abort()
    signal.addEventListener('abort', stop)
    const sender = async () => {
      for (let part = waiting.shift(); part; part = waiting.shift()) {
        await this.sendPart(part, part_size, arrive, others.signal)
      }
    }
    const senders = Array.from({ length: PARALLEL }, sender)
    try {
      await Promise.all(senders)
    } catch (error) {
      stop()
      await Promise.allSettled(senders)
      throw error
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  private async sendPart(
    part: MultipartPart,
    partSize: number,
    arrive: (number: number, bytes: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { number, size } = part
    const from = (number - 1) * partSize
    const bytes = this.file.slice(from, from + size)
    let url = part.upload_url ?? ''
    for (let attempt = 1; ; attempt++) {
      try {
        await this.api.uploadFile(url, bytes, (percent) => arrive(number, (size * percent) / 100), signal)
        return arrive(number, size)
      } catch (error) {
        arrive(number, 0)
        if (signal.aborted || attempt >= ATTEMPTS) throw error
        await sleep(backoffMs(attempt), signal)
        // The address may have run out; or the part arrived and only the answer was lost.
        const now = (await this.parts(signal)).parts.find((p) => p.number === number)
        if (now?.is_stored) return arrive(number, size)
        url = now?.upload_url ?? url
      }
    }
  }

  private async call<T>(method: string, route: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    return (await this.api.request<ApiResponse<T>>(method, route, { body, signal })).data
  }
}
