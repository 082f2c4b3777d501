import { shallowRef, type ShallowRef } from 'vue'

type Sanitize = (html: string, userId?: string) => string

const sanitize = shallowRef<Sanitize | null>(null)
let loading: Promise<void> | undefined

/** Fetches the sanitiser. The chat asks for it before its first request, so it is there before any message. */
export function loadSanitizer(): Promise<void> {
  loading ??= import('./sanitize').then(
    (module) => void (sanitize.value = module.sanitizeHtml),
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
