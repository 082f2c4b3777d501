import { computed } from 'vue'
import type { DialogListItem } from '@mtchat/client'
import type { UseChatReturn } from '../../composables/useChat'
import type { I18n } from '../../i18n'
import { fullName } from '../Avatar/names'

export interface People {
  /** Display name in the open dialog; the first characters of the id for somebody unknown. */
  nameOf(userId: string): string
  companyOf(userId: string): string
  /** "Company — Name". */
  labelOf(userId: string): string
  /** Companies of the others in a dialog, each once. */
  companiesOf(dialog: DialogListItem): string[]
  /** A sentence about who is typing, or ''. */
  typingText(userIds: readonly string[], dialog?: DialogListItem): string
}

/** An id is no name, but its beginning tells two strangers apart. */
const ID_LENGTH = 8

export function usePeople(chat: UseChatReturn, userId: () => string, i18n: I18n): People {
  const known = computed(() => {
    const summaries = chat.currentDialog.value?.participants ?? []
    return new Map([...summaries, ...chat.participants.value].map((person) => [person.user_id, person]))
  })

  function nameOf(id: string): string {
    const name = known.value.get(id)?.display_name
    if (name) return name
    return id === userId() ? i18n.t.value.user.you : id.slice(0, ID_LENGTH)
  }

  const companyOf = (id: string) => known.value.get(id)?.company ?? ''

  function companiesOf(dialog: DialogListItem): string[] {
    const everybody = dialog.participants ?? []
    const own = everybody.find((person) => person.user_id === userId())?.company
    const others = everybody.map((person) => person.company).filter((company) => company && company !== own)
    return [...new Set(others as string[])]
  }

  function typingText(ids: readonly string[], dialog?: DialogListItem): string {
    const summary = (id: string) => dialog?.participants?.find((person) => person.user_id === id)?.display_name
    const [name, other] = ids.map((id) => summary(id) || nameOf(id))
    if (!name) return ''
    if (ids.length > 2) return i18n.tt('chat.typingMany', { count: ids.length })
    return other ? i18n.tt('chat.typingTwo', { name, other }) : i18n.tt('chat.typingOne', { name })
  }

  return { nameOf, companyOf, labelOf: (id) => fullName(nameOf(id), companyOf(id)), companiesOf, typingText }
}
