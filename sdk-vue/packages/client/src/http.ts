/** One HTTP call: identity, time-out, renewal of the token, repetition of reads, errors. Knows no route. */
import { backoffMs, sleep } from './backoff'
import { errorOf, MTChatError } from './errors'
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

interface Answer {
  response: Response
  text: string
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
        // Cut short by the signal, whose call then fails as cancelled.
        await sleep(pause, options.signal)
      }
    }
  }

  private async authorised<T>(method: string, route: string, options: RequestOptions): Promise<T> {
    const { tokens, onUnauthorized } = this.options
    const token = await tokens.current()
    let answer = await this.send(method, route, options, token)
    if (answer.response.status === 401) {
      const renewed = await tokens.renew(token)
      if (renewed) answer = await this.send(method, route, options, renewed)
    }
    const { response, text } = answer
    const { ok, status, headers } = response
    if (ok) return (text ? JSON.parse(text) : undefined) as T
    const error = errorOf(status, text, headers.get('retry-after'))
    if (status === 401) onUnauthorized?.(error)
    throw error
  }

  private async send(method: string, route: string, options: RequestOptions, token?: string): Promise<Answer> {
    const { baseUrl, userId, scopeHeader, timeoutMs = REQUEST_TIMEOUT_MS } = this.options
    const { query = {}, body, signal } = options
    const params = new URLSearchParams({ user_id: userId })
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) params.set(name, String(value))
    }
    const controller = new AbortController()
    const abort = () => controller.abort()
    const timer = setTimeout(abort, timeoutMs)
    signal?.addEventListener('abort', abort)
    if (signal?.aborted) abort()
    try {
      const response = await fetch(`${baseUrl}${route}?${params}`, {
        method,
        headers: {
          'Content-Type': 'application/json',
          'X-Scope-Config': scopeHeader,
          ...(token && { Authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(body) ?? null,
        signal: controller.signal,
      })
      // Read here, so that the time-out covers a body that never ends.
      return { response, text: await response.text() }
    } catch (cause) {
      const [code, message] = signal?.aborted
        ? ['ABORTED', 'Cancelled']
        : controller.signal.aborted
          ? ['TIMEOUT', 'No answer in time']
          : ['NETWORK_ERROR', 'The server is out of reach']
      throw new MTChatError(code!, message!, 0, undefined, cause)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
  }
}
