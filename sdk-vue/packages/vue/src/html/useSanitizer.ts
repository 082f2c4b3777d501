import { shallowRef, type ShallowRef } from 'vue'
import { bounded } from './bounded'

type Sanitize = (html: string, userId?: string) => string

const sanitize = shallowRef<Sanitize | null>(null)
let loading: Promise<void> | undefined
const cache = bounded<string>(400)

/** Fetches the sanitiser. The chat asks for it before its first request, so it is there before any message. */
export function loadSanitizer(): Promise<void> {
  loading ??= import('./sanitize').then(
    ({ sanitizeHtml }) => {
      sanitize.value = (html, userId = '') => cache(`${userId}\n${html}`, () => sanitizeHtml(html, userId))
    },
    (error: unknown) => {
      loading = undefined
      console.warn('[MTChat] the sanitiser could not be loaded: messages are shown as text', error)
    },
  )
  return loading
}

/** The sanitiser, or null while there is none: then messages are text. */
export function useSanitizer(): ShallowRef<Sanitize | null> {
  if (typeof window !== 'undefined') void loadSanitizer()
  return sanitize
}
