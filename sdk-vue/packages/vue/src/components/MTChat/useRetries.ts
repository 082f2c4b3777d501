import { watch } from 'vue'
import type { Message } from '@mtchat/client'
import type { UseChatReturn } from '../../composables/useChat'

/** What happens to a send that failed: again, or back into the composer. */
export function useRetries(
  chat: UseChatReturn,
  onSent: (message: Message) => void,
  takeBack: (content: string) => void,
) {
  const retried = new Set<string>()

  function retrySend(key: string) {
    retried.add(key)
    chat.retryMessage(key)
  }

  function discardSend(key: string) {
    retried.delete(key)
    const entry = chat.discardMessage(key)
    if (entry?.content) takeBack(entry.content)
  }

  watch(
    () => chat.messages.value,
    (messages) => {
      if (retried.size === 0) return
      for (const message of messages) {
        const key = message.client_message_id
        if (key && !message.delivery && retried.delete(key)) onSent(message)
      }
    },
  )

  return { retrySend, discardSend }
}
