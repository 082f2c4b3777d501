/** The browser around us, asked only when something runs: importing or constructing touches no global. */

const stop = (target: EventTarget | undefined, name: string, listener: () => void) => {
  target?.addEventListener?.(name, listener)
  return () => target?.removeEventListener?.(name, listener)
}

/** Calls back when the network returns. Returns the unsubscriber; does nothing where there is no window. */
export function whenOnline(listener: () => void): () => void {
  return stop(globalThis as unknown as EventTarget, 'online', listener)
}

/** Calls back when the tab is shown or hidden. */
export function whenVisibilityChanges(listener: (visible: boolean) => void): () => void {
  return stop(globalThis.document, 'visibilitychange', () => listener(isTabVisible()))
}

/** True where there is no document. */
export function isTabVisible(): boolean {
  return globalThis.document?.visibilityState !== 'hidden'
}

/** False only when the browser is sure. */
export function isOnline(): boolean {
  return globalThis.navigator?.onLine !== false
}
