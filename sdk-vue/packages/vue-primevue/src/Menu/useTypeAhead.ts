import type { Ref } from 'vue'

/** What PrimeVue's menu does by itself when the arrow keys move through it. */
interface Movable {
  changeFocusedOptionIndex?(index: number): void
}

/** Keys pressed within this many milliseconds belong to one word. */
const TYPE_AHEAD_MS = 600
const ENABLED = '[role=menuitem][data-p-disabled=false]'

/** Letters find an item: PrimeVue's context menu knows that, its menu does not. */
export function useTypeAhead(menu: Readonly<Ref<object | null>>) {
  let typed = ''
  let typedAt = 0

  const moveTo = (index: number) => (menu.value as Movable | null)?.changeFocusedOptionIndex?.(index)

  function onTyped(event: KeyboardEvent) {
    const { key, currentTarget } = event
    if (key.length !== 1 || key === ' ' || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    const now = Date.now()
    typed = (now - typedAt > TYPE_AHEAD_MS ? '' : typed) + key.toLowerCase()
    typedAt = now
    const list = currentTarget as HTMLElement
    const items = [...list.querySelectorAll<HTMLElement>(ENABLED)]
    const active = items.findIndex(({ id }) => id === list.getAttribute('aria-activedescendant'))
    const from = active + (typed.length === 1 ? 1 : 0)
    const order = [...items.keys()].map((index) => (index + from) % items.length)
    const found = order.find((index) => items[index]?.textContent?.trim().toLowerCase().startsWith(typed))
    if (found !== undefined) moveTo(found)
  }

  return { focusFirst: () => moveTo(0), onTyped }
}
