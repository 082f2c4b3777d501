import type { DialogListItem } from '@mtchat/client'
import type { TranslationStrings } from '../../i18n'
import type { MtMenuItem } from '../../primitives/types'
import type { ChatContext } from '../MTChat/context'

/** What can be done to a dialog the user takes part in: the same items in the list and in the header. */
export function dialogMenuItems(
  dialog: DialogListItem,
  { chat, attempt, notify, catchFocus }: ChatContext,
  { buttons: texts, chat: { archivedNotice } }: TranslationStrings,
): MtMenuItem[] {
  const { id, is_archived: archived, is_pinned: pinned } = dialog
  const muted = dialog.notifications_enabled === false
  const pin: MtMenuItem = pinned
    ? { label: texts.unpin, icon: 'unpin', command: () => attempt(chat.unpinDialog(id)) }
    : { label: texts.pin, icon: 'pin', command: () => attempt(chat.pinDialog(id)) }
  const mute: MtMenuItem = {
    label: muted ? texts.unmuteNotifications : texts.muteNotifications,
    icon: muted ? 'bell' : 'bell-off',
    command: () => attempt(chat.toggleNotifications(id)),
  }
  async function putAway() {
    const done = attempt(chat.archiveDialog(id).then(() => true))
    catchFocus()
    const undo = { label: texts.undo, run: () => void attempt(chat.unarchiveDialog(id)) }
    const isDone = await done
    // The first time the row goes late, when the code of changes is here.
    catchFocus()
    if (isDone) notify(archivedNotice, undo)
  }
  const archive: MtMenuItem = archived
    ? { label: texts.unarchive, icon: 'unarchive', command: () => attempt(chat.unarchiveDialog(id)) }
    : { label: texts.archive, icon: 'archive', command: () => void putAway() }
  return archived ? [mute, archive] : [pin, mute, archive]
}
