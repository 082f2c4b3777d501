/** Keys that mean something anywhere inside the chat, and only there: the host's own are left alone. */
export function useShortcuts(actions: { search: () => boolean; closeInfo: () => boolean }) {
  return function onKeydown(event: KeyboardEvent) {
    if (event.defaultPrevented) return
    const isSearch = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.code === 'KeyK'
    if (isSearch ? actions.search() : event.key === 'Escape' && actions.closeInfo()) event.preventDefault()
  }
}
