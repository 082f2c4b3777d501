const FIELDS = 'input, textarea, select, [contenteditable="true"]'

interface Actions {
  isEnabled: () => boolean
  search: () => boolean
  help: () => boolean
  closeInfo: () => boolean
}

/** Keys that mean something anywhere inside the chat, and only there: the host's own are left alone. */
export function useShortcuts(actions: Actions) {
  function act(event: KeyboardEvent): boolean {
    if (event.key === 'Escape') return actions.closeInfo()
    if (!actions.isEnabled() || event.altKey) return false
    const withMod = event.ctrlKey || event.metaKey
    if (withMod) return event.code === 'KeyK' && !event.shiftKey && actions.search()
    return event.key === '?' && !(event.target as Element).closest(FIELDS) && actions.help()
  }

  return function onKeydown(event: KeyboardEvent) {
    if (!event.defaultPrevented && act(event)) event.preventDefault()
  }
}
