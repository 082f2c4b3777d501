/**
 * What the server means by closing a socket, and what the client does then.
 *
 *   now      come back at once and resume; after a life under 5 s it waits, or a server that closes everybody would be stormed
 *   wait     come back after the back-off, and not before `retry_after_ms` of the reason if there is one
 *   token    the token is not good: ask for another, come back with it, or stop
 *   stop     do not come back
 */

export type CloseAction = 'now' | 'wait' | 'token' | 'stop'

export interface CloseRule {
  name: string
  action: CloseAction
  /** Shortest wait, ms. */
  atLeastMs: number
}

const rule = (name: string, action: CloseAction = 'wait', atLeastMs = 0): CloseRule => ({ name, action, atLeastMs })

export const CLOSE_CODES: Readonly<Record<number, CloseRule>> = {
  1000: rule('normal'),
  1001: rule('going_away'),
  1002: rule('protocol_error', 'wait', 1000),
  1006: rule('lost'),
  1007: rule('bad_text', 'wait', 1000),
  1009: rule('frame_too_large', 'wait', 1000),
  1011: rule('server_error', 'wait', 1000),
  1012: rule('restart'),
  1013: rule('try_again_later', 'wait', 1000),
  4008: rule('slow', 'now'),
  4009: rule('silent', 'now'),
  4401: rule('unauthorized', 'token'),
  4403: rule('forbidden', 'token'),
  4429: rule('too_many_frames', 'wait', 5000),
  4501: rule('too_many_sockets', 'stop'),
}

/** Codes without a rule: 4500 and up are final, by the custom of giving the range a meaning; the rest come back. */
export function closeRule(code: number): CloseRule {
  return CLOSE_CODES[code] ?? rule(String(code), code >= 4500 && code < 5000 ? 'stop' : 'wait')
}

/** The delay a closing server asks for: the reason is `{"retry_after_ms": n}`. 0 when it says nothing. */
export function retryAfterOf(reason: string): number {
  try {
    const { retry_after_ms: ms } = JSON.parse(reason) as { retry_after_ms?: unknown }
    return typeof ms === 'number' && ms > 0 ? Math.min(ms, 300_000) : 0
  } catch {
    return 0
  }
}
