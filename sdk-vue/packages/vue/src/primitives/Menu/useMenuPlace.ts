import { onBeforeUnmount, shallowRef } from 'vue'
import type { Anchor } from './place'

export interface MenuPlace {
  anchor: Anchor
  /** Gets the focus back. */
  trigger: HTMLElement | null
  /** Which side of the anchor the menu starts from. */
  align: 'left' | 'right'
}

/** Where a menu is open; null while it is closed. */
export function useMenuPlace(onHide: () => void) {
  const at = shallowRef<MenuPlace | null>(null)

  function hide(giveFocusBack = true) {
    const { value: was } = at
    if (!was) return
    at.value = null
    if (giveFocusBack && was.trigger?.isConnected) was.trigger.focus({ preventScroll: true })
    onHide()
  }

  function show(place: MenuPlace) {
    hide(false)
    at.value = place
  }

  onBeforeUnmount(() => hide(false))
  return { at, show, hide }
}
