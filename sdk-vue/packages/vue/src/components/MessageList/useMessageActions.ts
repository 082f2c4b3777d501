import type { Message } from '@mtchat/client'
import { htmlToLines } from '../../html/plainText'
import { useI18n } from '../../i18n'
import { useChatContext } from '../MTChat/context'

/** What a person can do to a message. */
export function useMessageActions() {
  const { chat, attempt, confirm, notify, openReaders, focusComposer, catchFocus } = useChatContext()
  const { t } = useI18n()

  function reply(message: Message) {
    chat.setReplyTo(message)
    focusComposer()
  }

  function edit(message: Message) {
    chat.setEditMessage(message)
    focusComposer()
  }

  async function copy(message: Message) {
    try {
      await navigator.clipboard.writeText(htmlToLines(message.content))
      notify(t.value.actions.copied)
    } catch {
      // The page may not write to the clipboard: the browser or the host forbids it.
      notify(t.value.errors.forbidden)
    }
  }

  async function remove(message: Message) {
    const { deleteTitle: title, deleteConfirm: text } = t.value.chat
    if (!(await confirm({ title, text, action: t.value.buttons.delete }))) return
    const done = attempt(chat.deleteMessage(message.id))
    catchFocus()
    await done
    catchFocus()
  }

  return { reply, edit, copy, remove, showReaders: openReaders }
}
