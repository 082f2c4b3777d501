import type { DraftStorage } from '@mtchat/client/state'

/** The browser's storage, where the page may use it: asked at each use, because a server has none. */
export const draftStorage: DraftStorage = {
  getItem(key) {
    try {
      return localStorage.getItem(key)
    } catch {
      return null
    }
  },
  setItem(key, value) {
    try {
      localStorage.setItem(key, value)
    } catch {
      // Full or forbidden: the draft lives as long as the page.
    }
  },
  removeItem(key) {
    try {
      localStorage.removeItem(key)
    } catch {
      // As above.
    }
  },
}
