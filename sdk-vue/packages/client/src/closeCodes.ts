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
  action: CloseAction
  /** Shortest wait, ms. */
  atLeastMs: number
}

const rule = (action: CloseAction, atLeastMs = 0): CloseRule => ({ action, atLeastMs })

/** Codes that are more than a lost connection. */
export const CLOSE_CODES: Readonly<Record<number, CloseRule>> = {
  1002: rule('wait', 1000), // protocol error
  1007: rule('wait', 1000), // bad text
  1009: rule('wait', 1000), // frame too large
  1011: rule('wait', 1000), // server error
  1013: rule('wait', 1000), // try again later
  4008: rule('now'), // slow: frames were dropped
  4009: rule('now'), // silent: pings were not answered
  4401: rule('token'), // unauthorised
  4403: rule('token'), // forbidden
  4429: rule('wait', 5000), // too many frames
}

/** Codes without a rule: 4500 and up are final, by the custom of giving the range a meaning; the rest come back. */
export function closeRule(code: number): CloseRule {
  return CLOSE_CODES[code] ?? rule(code >= 4500 && code < 5000 ? 'stop' : 'wait')
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
