import { ref } from 'vue'
import type { JoinDialogRequest } from '@mtchat/client'
import type { UseChatReturn } from '../../composables/useChat'
import type { I18n } from '../../i18n'
import type { useFeedback } from './useFeedback'

interface Listeners {
  joined(dialogId: string): void
  left(dialogId: string): void
}

/** Coming into a dialog and going out of it, by the host's call or the user's. */
export function useMembership(
  chat: UseChatReturn,
  { t }: I18n,
  { confirm, attempt }: ReturnType<typeof useFeedback>,
  catchFocus: () => void,
  listeners: Listeners,
) {
  const isJoinOpen = ref(false)

  async function joinDialog(id: string, profile: JoinDialogRequest) {
    await chat.joinDialog(id, profile)
    listeners.joined(id)
  }

  async function leaveDialog(id: string) {
    await chat.leaveDialog(id)
    listeners.left(id)
  }

  /** Asks first. */
  async function leave(id: string) {
    const { leaveTitle: title, leaveConfirm: text } = t.value.chat
    if (!(await confirm({ title, text, action: t.value.buttons.leave }))) return
    await attempt(leaveDialog(id))
    catchFocus()
  }

  return { isJoinOpen, joinDialog, leaveDialog, leave }
}
