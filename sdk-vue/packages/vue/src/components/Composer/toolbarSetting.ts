const KEY = 'mtchat.toolbar'

/** Whether the formatting bar was left open; closed where nothing may be remembered. */
export function readToolbarSetting(): boolean {
  try {
    return localStorage.getItem(KEY) === 'open'
  } catch {
    return false
  }
}

export function writeToolbarSetting(open: boolean): void {
  try {
    localStorage.setItem(KEY, open ? 'open' : 'closed')
  } catch {
    // The host's page may not store anything: then it is forgotten.
  }
}
