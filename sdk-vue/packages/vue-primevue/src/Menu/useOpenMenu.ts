import { onBeforeUnmount, ref } from 'vue'

/** Whether a menu is open, and who gets the focus back. `onHide` is called once for each time it was open. */
export function useOpenMenu(onHide: () => void) {
  const isOpen = ref(false)
  let trigger: HTMLElement | null = null

  function opened(by: EventTarget | null) {
    trigger = by instanceof HTMLElement ? by : null
    isOpen.value = true
  }

  function closed() {
    if (!isOpen.value) return
    isOpen.value = false
    onHide()
  }

  function giveFocusBack() {
    if (trigger?.isConnected) trigger.focus({ preventScroll: true })
  }

  /** A host's dialog around the chat must not close with the menu. */
  function onKeydown(event: KeyboardEvent) {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    giveFocusBack()
  }

  onBeforeUnmount(closed)
  return { isOpen, opened, closed, giveFocusBack, onKeydown }
}
