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

/** Resolves after so many ms, or rejects with the reason of the signal. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms)
    function done() {
      signal?.removeEventListener('abort', stop)
      resolve()
    }
    function stop() {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', stop, { once: true })
  })
}
