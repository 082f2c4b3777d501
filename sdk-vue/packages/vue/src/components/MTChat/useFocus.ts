import { nextTick, watch, type Ref } from 'vue'

/** Where the focus goes when what had it is gone: the first of these that can be seen. */
const PLACES = ['.chat-messages__view', '.chat-header__title', '.chat-sidebar__item[tabindex="0"]']
/** Opens the info panel, so gets the focus back from it. */
const INFO_TRIGGER = '.chat-header__title'

const isShown = (element: Element) =>
  !element.closest('[inert], .mtchat-info-panel-leave-active') && (element.checkVisibility?.() ?? true)

/**
 * Keeps the focus inside the chat: what had it may be deleted, closed or hidden by another view.
 * @param view the part that a narrow chat shows.
 */
export function useFocus(root: Ref<HTMLElement | null>, view: Ref<unknown>, isInfoOpen: Ref<boolean>) {
  const active = () => (root.value?.getRootNode() as Document | ShadowRoot | undefined)?.activeElement
  const isInside = () => root.value?.contains(active() ?? null) === true

  async function catchFocus(first = '') {
    // First the parts go, then others come in their place.
    await nextTick()
    await nextTick()
    const holder = active()
    const isLost = !holder || holder === document.body || (isInside() && !isShown(holder))
    if (!root.value || !isLost) return
    for (const place of [first, ...PLACES]) {
      const element = place && [...root.value.querySelectorAll<HTMLElement>(place)].find(isShown)
      if (element) return element.focus({ preventScroll: true })
    }
    root.value.focus({ preventScroll: true })
  }

  watch([view, isInfoOpen], ([, isOpen], [, wasOpen]) => {
    if (isInside()) void catchFocus(wasOpen && !isOpen ? INFO_TRIGGER : '')
  })

  return { catchFocus: () => void catchFocus() }
}
