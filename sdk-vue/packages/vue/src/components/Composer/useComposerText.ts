import { computed, ref, watch } from 'vue'
import type { Message } from '@mtchat/client'
import type { UseChatReturn } from '../../composables/useChat'

/**
 * What is written in the open dialog: its draft, or the new text of the message being changed.
 * Each dialog has its own draft and each message its own unfinished change.
 * @param show puts a text into the field.
 */
export function useComposerText(chat: UseChatReturn, show: (html: string) => void) {
  const html = ref(chat.editingMessage.value?.content ?? chat.draft.value.content)
  const unfinished = new Map<string, string>()

  const editing = computed<Message | null>(() => chat.editingMessage.value)

  function set(value: string) {
    html.value = value
    show(value)
  }

  /** The field has changed. */
  function onUpdate(value: string) {
    html.value = value
    if (editing.value) {
      unfinished.set(editing.value.id, value)
      return
    }
    chat.setDraft(value)
    if (value) chat.sendTyping()
  }

  function forget(message: Message) {
    unfinished.delete(message.id)
  }

  // A change of the dialog changes the edited message too: one look at both, after both are known.
  watch(
    [() => chat.currentDialog.value?.id, () => editing.value?.id],
    () => {
      const message = editing.value
      set(message ? (unfinished.get(message.id) ?? message.content) : chat.draft.value.content)
    },
    { flush: 'post' },
  )

  return { html, editing, set, onUpdate, forget }
}
