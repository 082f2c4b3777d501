import { onBeforeUnmount, ref, shallowRef } from 'vue'
import { isAborted, MTChatError } from '@mtchat/client'
import type { I18n } from '../../i18n'
import type { NoticeAction, Question } from './context'

/** A sentence stays this long, in milliseconds; one with something to press longer. */
const NOTICE_MS = 6000
const ACTION_MS = 10_000

/** A sentence of ours for an error, in the language of the interface: the server's own are English. */
export function errorText(error: Error, { t }: I18n): string {
  const texts = t.value.errors
  if (!(error instanceof MTChatError)) return texts.generic
  if (error.code === 'NETWORK_ERROR' || error.code === 'TIMEOUT' || error.code === 'SOCKET_ERROR') return texts.network
  if (error.status === 401) return texts.unauthorized
  if (error.status === 403) return texts.forbidden
  return error.status === 429 ? texts.tooMany : texts.generic
}

/** What the chat says to people: notices on the screen, sentences for screen readers, questions before it destroys. */
export function useFeedback(i18n: I18n) {
  const notice = shallowRef<{ text: string; action?: NoticeAction | undefined } | null>(null)
  const announcement = ref('')
  const question = shallowRef<Question | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  let answer: ((agreed: boolean) => void) | undefined

  function notify(text: string, action?: NoticeAction) {
    notice.value = { text, action }
    clearTimeout(timer)
    timer = setTimeout(() => (notice.value = null), action ? ACTION_MS : NOTICE_MS)
  }

  function act() {
    const chosen = notice.value?.action
    notice.value = null
    chosen?.run()
  }

  function announce(text: string) {
    // The same sentence twice is no change to a screen reader; a no-break space makes it one.
    announcement.value = announcement.value === text ? `${text}\u00a0` : text
  }

  function confirm(asked: Question): Promise<boolean> {
    answer?.(false)
    question.value = asked
    return new Promise((resolve) => (answer = resolve))
  }

  function settle(agreed: boolean) {
    question.value = null
    answer?.(agreed)
    answer = undefined
  }

  async function attempt<T>(operation: Promise<T>): Promise<T | undefined> {
    try {
      return await operation
    } catch (error) {
      if (error instanceof Error && !isAborted(error)) notify(errorText(error, i18n))
      return undefined
    }
  }

  onBeforeUnmount(() => {
    clearTimeout(timer)
    settle(false)
  })
  return { notice, announcement, question, notify, act, announce, confirm, settle, attempt }
}
