import { ref, type Ref } from 'vue'

/** Rows a page key moves by. */
const PAGE = 8

/**
 * One tab stop for a list of options: arrows move the focus, Enter and Space choose.
 * @param list the element that holds the options.
 */
export function useListKeys(list: Ref<HTMLElement | null>, choose: (id: string) => void) {
  /** The option that the Tab key reaches; '' means the selected or the first one. */
  const activeId = ref('')

  const options = () => [...(list.value?.querySelectorAll<HTMLElement>('[role=option]') ?? [])]

  function focus(option: HTMLElement | undefined) {
    if (!option) return
    activeId.value = option.dataset.id ?? ''
    option.focus()
    option.scrollIntoView?.({ block: 'nearest' })
  }

  function onKeydown(event: KeyboardEvent) {
    const all = options()
    const index = all.indexOf(event.target as HTMLElement)
    if (index < 0) return
    const last = all.length - 1
    const target = {
      ArrowDown: Math.min(last, index + 1),
      ArrowUp: Math.max(0, index - 1),
      PageDown: Math.min(last, index + PAGE),
      PageUp: Math.max(0, index - PAGE),
      Home: 0,
      End: last,
    }[event.key]
    if (target !== undefined) focus(all[target])
    else if (event.key === 'Enter' || event.key === ' ') choose(all[index]?.dataset.id ?? '')
    else return
    event.preventDefault()
  }

  return { activeId, onKeydown }
}
