/** Waiting before trying again. */

/** First bound and ceiling of a wait, ms: a blink of the network costs half a second, an outage a try every half minute at most. */
export const FIRST_WAIT_MS = 500
export const LONGEST_WAIT_MS = 30_000

/**
 * Full jitter: a random wait below a bound that doubles with each attempt (0 for the first),
 * so that thousands of clients cut off together do not come back together.
 */
export function backoffMs(attempt: number, firstMs = FIRST_WAIT_MS, random: () => number = Math.random): number {
  return random() * Math.min(LONGEST_WAIT_MS, firstMs * 2 ** Math.min(attempt, 16))
}

/** Resolves after so many ms, or as soon as the signal is raised. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => resolve(clearTimeout(timer)), { once: true })
  })
}
