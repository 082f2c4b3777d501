import { nextTick, onBeforeUnmount, ref } from 'vue'
import type { UseChatReturn } from '../../composables/useChat'

/** The message that was jumped to stands out this long, in milliseconds. */
const HIGHLIGHT_MS = 3000

/** Going to a message wherever it is, and back to the one it was quoted in. */
export function useJump(chat: UseChatReturn, show: (messageId: string) => Promise<boolean>) {
  const highlightedId = ref('')
  /** Where the reader came from. */
  const returnId = ref('')
  let timer: ReturnType<typeof setTimeout> | undefined

  async function jump(messageId: string): Promise<boolean> {
    if (!chat.messages.value.some(({ id }) => id === messageId)) {
      if (!(await chat.jumpToMessage(messageId))) return false
      await nextTick()
    }
    if (!(await show(messageId))) return false
    highlightedId.value = messageId
    clearTimeout(timer)
    timer = setTimeout(() => (highlightedId.value = ''), HIGHLIGHT_MS)
    return true
  }

  async function jumpFrom(fromId: string, messageId: string) {
    if (await jump(messageId)) returnId.value = fromId
  }

  async function goBack() {
    const target = returnId.value
    returnId.value = ''
    await jump(target)
  }

  onBeforeUnmount(() => clearTimeout(timer))
  return { highlightedId, returnId, jump, jumpFrom, goBack }
}
