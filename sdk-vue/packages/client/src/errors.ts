/**
 * MTChatError: one class for everything that goes wrong between us and the server.
 *
 *   code              the server's (`DIALOG_NOT_FOUND`, `FORBIDDEN`, ...) or one of ours below
 *   status            HTTP status, or 0 when no answer came
 *   retryAfter        milliseconds the server asked to wait, when it did
 */

export type LocalErrorCode = 'NETWORK_ERROR' | 'TIMEOUT' | 'ABORTED' | 'UPLOAD_FAILED' | 'SOCKET_ERROR' | 'DISCARDED'

export class MTChatError extends Error {
  override readonly name = 'MTChatError'
  readonly code: LocalErrorCode | (string & {})
  readonly status: number
  readonly retryAfter: number | undefined

  constructor(code: LocalErrorCode | (string & {}), message: string, status = 0, retryAfter?: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.status = status
    this.retryAfter = retryAfter
  }

  /** The server may do it if asked again: no answer, busy, or restarting. */
  get isTemporary(): boolean {
    return (
      this.code === 'NETWORK_ERROR' || this.code === 'TIMEOUT' || [408, 425, 429, 502, 503, 504].includes(this.status)
    )
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
function parseRetryAfter(value: string | null): number | undefined {
  if (!value) return undefined
  const seconds = Number(value)
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

/** The error of an HTTP answer: from the envelope, or from the status when a proxy answered instead. */
export async function errorFromResponse(response: Response): Promise<MTChatError> {
  let code = STATUS_CODES[response.status] ?? (response.status >= 500 ? 'INTERNAL_ERROR' : 'BAD_REQUEST')
  let message = `The server answered ${response.status}`
  try {
    const { error } = (await response.json()) as { error?: { code?: string; message?: string } }
    code = error?.code ?? code
    message = error?.message ?? message
  } catch {
    // Not our envelope: status and code say enough.
  }
  return new MTChatError(code, message, response.status, parseRetryAfter(response.headers.get('retry-after')))
}
