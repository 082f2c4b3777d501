/**
 * MTChatError: one class for everything that goes wrong between us and the server.
 *
 *   code              the server's (`DIALOG_NOT_FOUND`, `FORBIDDEN`, ...) or one of ours below
 *   status            HTTP status, or 0 when no answer came
 *   retryAfter        milliseconds the server asked to wait, when it did
 */

import type { ErrorBodyOut } from './wire'

/** What the server says. */
export type ServerErrorCode = ErrorBodyOut['code']
export type LocalErrorCode = 'NETWORK_ERROR' | 'TIMEOUT' | 'ABORTED' | 'UPLOAD_FAILED' | 'SOCKET_ERROR' | 'DISCARDED'

/** A newer server may know more. */
export type ErrorCode = ServerErrorCode | LocalErrorCode | (string & {})

export class MTChatError extends Error {
  override readonly name = 'MTChatError'
  readonly code: ErrorCode
  readonly status: number
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, message: string, status = 0, retryAfter?: number, cause?: unknown) {
    super(message, { cause })
    this.code = code
    this.status = status
    this.retryAfter = retryAfter
  }

  /** The server may do it if asked again: no answer, busy, or restarting. */
  get isTemporary(): boolean {
    const { code, status } = this
    return code === 'NETWORK_ERROR' || code === 'TIMEOUT' || [408, 425, 429, 502, 503, 504].includes(status)
  }
}

/** Whatever was thrown, as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

/** True for a request that was given up on purpose: nothing to tell anybody. */
export function isAborted(thrown: unknown): boolean {
  return thrown instanceof MTChatError && thrown.code === 'ABORTED'
}

const STATUS_CODES: Record<number, string> = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  429: 'RATE_LIMIT_EXCEEDED',
}

/** Seconds or an HTTP date -> milliseconds from now. */
function parseRetryAfter(value: string): number | undefined {
  const ms = Number(value) * 1000 || Date.parse(value) - Date.now()
  return ms > 0 ? ms : undefined
}

/** The error of an HTTP answer: from the envelope, or from the status when a proxy answered instead. */
export function errorOf(status: number, text: string, retryAfter: string | null): MTChatError {
  let told: { code?: string; message?: string } | undefined
  try {
    told = (JSON.parse(text) as { error?: typeof told }).error
  } catch {
    // Not our envelope: the status says enough.
  }
  const code = told?.code ?? STATUS_CODES[status] ?? (status >= 500 ? 'INTERNAL_ERROR' : 'BAD_REQUEST')
  return new MTChatError(
    code,
    told?.message ?? `The server answered ${status}`,
    status,
    parseRetryAfter(retryAfter ?? ''),
  )
}
