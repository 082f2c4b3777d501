import { computed, ref, shallowRef } from 'vue'
import type { DialogParticipant } from '@mtchat/client'
import type { MentionNodeAttrs } from '@tiptap/extension-mention'
import type { SuggestionOptions, SuggestionProps } from '@tiptap/suggestion'

/** People offered at a time. */
const SHOWN = 5

type Suggestion = Omit<SuggestionOptions<DialogParticipant, MentionNodeAttrs>, 'editor'>

export type MentionPopup = ReturnType<typeof useMentions>

/** The people that a typed `@…` may mean, and the choice among them by keyboard. */
export function useMentions(everybody: () => DialogParticipant[], nameOf: (userId: string) => string) {
  const props = shallowRef<SuggestionProps<DialogParticipant, MentionNodeAttrs> | null>(null)
  const index = ref(0)
  const isDismissed = ref(false)
  const people = computed(() => (isDismissed.value ? [] : (props.value?.items ?? [])))
  const isOpen = computed(() => people.value.length > 0)

  function choose(person: DialogParticipant | undefined) {
    if (person) props.value?.command({ id: person.user_id, label: nameOf(person.user_id) })
  }

  function find(query: string): DialogParticipant[] {
    const wanted = query.toLocaleLowerCase()
    const matches = ({ user_id: id, company }: DialogParticipant) =>
      nameOf(id).toLocaleLowerCase().includes(wanted) || (company ?? '').toLocaleLowerCase().includes(wanted)
    return everybody().filter(matches).slice(0, SHOWN)
  }

  function onKeyDown({ event }: { event: KeyboardEvent }): boolean {
    const count = people.value.length
    // Nobody to choose: the keys do what they always do.
    if (count === 0) return false
    if (event.key === 'ArrowDown') index.value = (index.value + 1) % count
    else if (event.key === 'ArrowUp') index.value = (index.value - 1 + count) % count
    else if (event.key === 'Enter' || event.key === 'Tab') choose(people.value[index.value])
    else if (event.key === 'Escape') isDismissed.value = true
    else return false
    return true
  }

  const suggestion: Suggestion = {
    char: '@',
    items: ({ query }) => find(query),
    render: () => ({
      onStart: (started) => {
        isDismissed.value = false
        index.value = 0
        props.value = started
      },
      onUpdate: (updated) => {
        index.value = 0
        props.value = updated
      },
      onKeyDown,
      onExit: () => (props.value = null),
    }),
  }

  const rect = () => props.value?.clientRect?.() ?? null
  return { suggestion, people, index, isOpen, choose, rect }
}
