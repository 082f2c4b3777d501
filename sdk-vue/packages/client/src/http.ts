/** One HTTP call: identity, time-out, renewal of the token, repetition of reads, errors. Knows no route. */
import { backoffMs, sleep } from './backoff'
import { errorFromResponse, MTChatError } from './errors'
import type { TokenSource } from './tokens'

export const REQUEST_TIMEOUT_MS = 15_000
/** A read is tried three times: a restart behind a proxy takes a second or two. */
const READ_ATTEMPTS = 3
/** A server that wants a longer pause than this gets its error shown instead. */
const LONGEST_PAUSE_MS = 10_000

export interface RequestOptions {
  query?: Record<string, string | number | boolean | undefined>
  body?: unknown
  signal?: AbortSignal | undefined
}

export interface HttpOptions {
  baseUrl: string
  userId: string
  scopeHeader: string
  tokens: TokenSource
  timeoutMs?: number | undefined
  /** Called when a 401 stands although a token was renewed or could not be. */
  onUnauthorized?: ((error: MTChatError) => void) | undefined
}

/** Percent-encodes each value put into a path. */
export function path(strings: TemplateStringsArray, ...values: string[]): string {
  return strings.reduce((url, part, i) => url + encodeURIComponent(values[i - 1] ?? '') + part)
}

export class Http {
  constructor(private readonly options: HttpOptions) {}

  /** The decoded body; undefined when there is none. Throws MTChatError. */
  async request<T>(method: string, route: string, options: RequestOptions = {}): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.authorised<T>(method, route, options)
      } catch (error) {
        const last = method !== 'GET' || attempt + 1 >= READ_ATTEMPTS
        if (last || !(error instanceof MTChatError) || !error.isTemporary) throw error
        const pause = Math.max(error.retryAfter ?? 0, backoffMs(attempt))
        if (pause > LONGEST_PAUSE_MS) throw error
        await sleep(pause, options.signal).catch((cause) => {
          throw new MTChatError('ABORTED', 'The request was cancelled', 0, undefined, cause)
        })
      }
    }
  }

  private async authorised<T>(method: string, route: string, options: RequestOptions): Promise<T> {
    const { tokens, onUnauthorized } = this.options
    const token = await tokens.current()
    let response = await this.fetch(method, route, options, token)
    if (response.status === 401) {
      const renewed = await tokens.renew(token)
      if (renewed) response = await this.fetch(method, route, options, renewed)
    }
    if (!response.ok) {
      const error = await errorFromResponse(response)
      if (error.status === 401) onUnauthorized?.(error)
      throw error
    }
    const text = await response.text()
    return (text ? JSON.parse(text) : undefined) as T
  }

  private async fetch(method: string, route: string, options: RequestOptions, token?: string): Promise<Response> {
    const { baseUrl, userId, scopeHeader, timeoutMs = REQUEST_TIMEOUT_MS } = this.options
    const { query, body, signal } = options
    const params = new URLSearchParams({ user_id: userId })
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) params.set(name, String(value))
    }
    const headers: Record<string, string> = { 'Content-Type': 'application/json', 'X-Scope-Config': scopeHeader }
    if (token) headers.Authorization = `Bearer ${token}`

    const controller = new AbortController()
    const abort = () => controller.abort()
    const timer = setTimeout(abort, timeoutMs)
    signal?.addEventListener('abort', abort)
    if (signal?.aborted) abort()
    try {
      const response = await fetch(`${baseUrl}${route}?${params}`, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        signal: controller.signal,
      })
      // Read here, so that the time-out covers a body that never ends.
      const text = response.status === 204 ? null : await response.text()
      return new Response(text, { status: response.status, headers: response.headers })
    } catch (cause) {
      if (signal?.aborted) throw new MTChatError('ABORTED', 'The request was cancelled', 0, undefined, cause)
      if (controller.signal.aborted)
        throw new MTChatError('TIMEOUT', 'The server did not answer in time', 0, undefined, cause)
      throw new MTChatError('NETWORK_ERROR', 'The server cannot be reached', 0, undefined, cause)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
  }
}
