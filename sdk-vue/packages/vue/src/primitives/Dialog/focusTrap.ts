import { nextTick, onBeforeUnmount, watch, type Ref } from 'vue'

const FOCUSABLE =
  'a[href], button:not(:disabled), input:not(:disabled), textarea:not(:disabled), select:not(:disabled), [tabindex]:not([tabindex="-1"]), [contenteditable="true"]'

const HOLDERS = `${FOCUSABLE}, [tabindex]`
const QUIETLY = { preventScroll: true }

function withAncestors(element: HTMLElement | null): HTMLElement[] {
  return element ? [element, ...withAncestors(element.parentElement)] : []
}

// Open panels, the topmost last: only that one obeys Escape and holds the focus.
const stack: symbol[] = []
let pageOverflow = ''

function lockPage(id: symbol) {
  if (stack.length === 0) {
    pageOverflow = document.body.style.overflow
    document.body.style.overflow = 'hidden'
  }
  stack.push(id)
}

function unlockPage(id: symbol) {
  const index = stack.indexOf(id)
  if (index < 0) return
  stack.splice(index, 1)
  if (stack.length === 0) document.body.style.overflow = pageOverflow
}

/**
 * Keeps the focus inside `panel` while `open`, takes it there first, and gives it back afterwards.
 * The page behind does not scroll meanwhile.
 * @param onEscape called for Escape when this panel is the topmost.
 */
export function useFocusTrap(panel: Ref<HTMLElement | null>, open: () => boolean, onEscape: () => void) {
  const id = Symbol('panel')
  /** What had the focus before, and everything around it. */
  let before: HTMLElement[] = []

  async function enter() {
    before = withAncestors(document.activeElement as HTMLElement | null)
    lockPage(id)
    document.addEventListener('keydown', onKeydown, true)
    await nextTick()
    const element = panel.value
    if (!element || element.contains(document.activeElement)) return
    const first = element.querySelector<HTMLElement>('[data-autofocus]') ?? element
    first.focus(QUIETLY)
  }

  function leave() {
    document.removeEventListener('keydown', onKeydown, true)
    unlockPage(id)
    // The element may be gone with what was deleted or closed: then the nearest one around it that can have the focus.
    before.find((element) => element.isConnected && element.matches(HOLDERS))?.focus(QUIETLY)
    before = []
  }

  function onKeydown(event: KeyboardEvent) {
    if (stack.at(-1) !== id) return
    if (event.key === 'Escape' && !event.isComposing) {
      event.stopPropagation()
      event.preventDefault()
      onEscape()
    } else if (event.key === 'Tab') {
      turnAround(event)
    }
  }

  function turnAround(event: KeyboardEvent) {
    const element = panel.value
    if (!element) return
    const all = [...element.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
      (item) => !item.closest('[hidden], [inert]'),
    )
    const first = all[0] ?? element
    const last = all.at(-1) ?? element
    const active = document.activeElement
    const outside = !element.contains(active)
    if (outside || (event.shiftKey ? active === first || active === element : active === last)) {
      event.preventDefault()
      ;(event.shiftKey ? last : first).focus()
    }
  }

  watch(
    open,
    (isOpen, wasOpen) => {
      if (isOpen) void enter()
      else if (wasOpen) leave()
    },
    { immediate: true },
  )
  onBeforeUnmount(() => {
    if (open()) leave()
  })
}
