import { onBeforeUnmount, ref, watch } from 'vue'
import type { UseChatReturn } from '../../composables/useChat'

/** The lists are asked again when the typing has rested this long, in milliseconds. */
const DEBOUNCE_MS = 300

/**
 * The text in the search field, and the lists that follow it.
 * @param reload asks every list that is on the screen.
 */
export function useSearch(chat: UseChatReturn, reload: () => unknown) {
  const text = ref(chat.searchQuery.value)
  let timer: ReturnType<typeof setTimeout> | undefined

  function apply() {
    clearTimeout(timer)
    if (chat.searchQuery.value === text.value) return
    chat.setSearchQuery(text.value)
    reload()
  }

  function setText(value: string) {
    text.value = value
    clearTimeout(timer)
    // An emptied field shows the whole list at once.
    if (value === '') apply()
    else timer = setTimeout(apply, DEBOUNCE_MS)
  }

  watch(
    () => chat.searchQuery.value,
    (query) => (text.value = query),
  )
  onBeforeUnmount(() => clearTimeout(timer))
  return { text, setText, apply }
}
