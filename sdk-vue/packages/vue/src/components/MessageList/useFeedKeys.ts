import { nextTick, ref, type Ref } from 'vue'
import type { Row } from './rows'

/**
 * One tab stop for the whole list of messages: arrows go from message to message, Home and End to its ends.
 * @param show brings the row with this key onto the screen and renders it.
 */
export function useFeedKeys(
  view: Ref<HTMLElement | null>,
  rows: Ref<readonly Row[]>,
  show: (key: string) => Promise<unknown>,
) {
  const activeKey = ref('')

  const keys = () => rows.value.filter((row) => row.kind === 'message').map((row) => row.key)
  const elementOf = (key: string) => view.value?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"] > article`)

  async function focus(key: string | undefined) {
    if (!key) return
    activeKey.value = key
    if (!elementOf(key)) await show(key)
    await nextTick()
    // A key that came meanwhile has gone on from here.
    if (activeKey.value !== key) return
    const element = elementOf(key)
    element?.focus({ preventScroll: true })
    element?.scrollIntoView?.({ block: 'nearest' })
  }

  function onKeydown(event: KeyboardEvent) {
    const target = event.target as HTMLElement
    // Keys inside a message (its buttons, links) are theirs.
    if (target.tagName !== 'ARTICLE' && target !== view.value) return
    const all = keys()
    const index = all.indexOf(activeKey.value)
    const last = all.length - 1
    const next = {
      ArrowUp: index < 0 ? last : Math.max(0, index - 1),
      ArrowDown: index < 0 ? last : Math.min(last, index + 1),
      Home: 0,
      End: last,
    }[event.key]
    if (next === undefined) return
    event.preventDefault()
    void focus(all[next])
  }

  function onFocusin(event: FocusEvent) {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-key]')
    if (row) activeKey.value = row.dataset.key ?? ''
  }

  return { activeKey, onKeydown, onFocusin, focus }
}
