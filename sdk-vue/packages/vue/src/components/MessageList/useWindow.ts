import { computed, nextTick, onBeforeUnmount, onMounted, shallowRef, triggerRef, watch, type Ref } from 'vue'
import { Offsets, type Keyed } from './offsets'

/** Rows are kept rendered this far above and below what is seen, in pixels. */
const OVERSCAN = 800
/** New rows are rendered when the rendered part ends closer than this, in pixels. */
const MARGIN = 300
/** This close to the end the list stays at its end when it grows, in pixels. */
export const END_SLACK = 48
/** Height to reckon with while the list is not laid out, in pixels. */
const ASSUMED_VIEW = 800

interface Anchor {
  key: string
  /** Pixels from the top of the view to the top of the row. */
  offset: number
}

/**
 * Renders only the rows around what is seen, of any number, and holds what is seen in place while rows come, go and
 * change their height. Rows may have any height and must have no margins.
 */
export function useWindow<Row extends Keyed>(
  view: Ref<HTMLElement | null>,
  rows: Ref<readonly Row[]>,
  estimate: (row: Row) => number,
  /** False for a row that may move to another place while its neighbours stay: a date, a divider. */
  isFixed: (row: Row) => boolean,
  /** `scrolled`: by the reader, not by us. */
  onLayout: (scrolled: boolean) => void,
) {
  const heights = new Map<string, number>()
  const elements = new Map<string, HTMLElement>()
  const makeOffsets = () =>
    new Offsets(rows.value, (index) => {
      const row = rows.value[index] as Row
      return heights.get(row.key) ?? estimate(row)
    })
  const offsets = shallowRef(makeOffsets())
  const range = shallowRef({ start: 0, end: 0 })

  let anchor: Anchor | null = null
  let sticksToEnd = true
  let resizing = 0
  /** Where we have scrolled to, until the browser has told so. */
  let ownTop = -1
  /** On the way to the end by the browser's own motion. */
  let gliding: AbortController | undefined

  const viewHeight = () => view.value?.clientHeight || ASSUMED_VIEW
  const scrollTop = () => view.value?.scrollTop ?? 0
  // The list has some space of its own at its end.
  const maxScroll = () => {
    const height = view.value?.scrollHeight || offsets.value.total
    return Math.max(0, height - viewHeight())
  }

  /** Where the view has to stand so that what is seen stays where it is. */
  function wantedTop(): number {
    if (sticksToEnd || !anchor) return Math.max(maxScroll(), offsets.value.total - viewHeight())
    const index = offsets.value.indexOf(anchor.key)
    return index < 0 ? scrollTop() : offsets.value.top(index) - anchor.offset
  }

  function cover(top: number, slack = OVERSCAN) {
    const start = offsets.value.at(top - slack)
    const end = Math.min(offsets.value.count, offsets.value.at(top + viewHeight() + slack) + 1)
    return { start, end }
  }

  /** Takes the heights of what is rendered. True when any of them is news. */
  function measure(): boolean {
    let changed = false
    for (const [key, element] of elements) {
      const { height } = element.getBoundingClientRect()
      if (height === 0 || Math.abs((heights.get(key) ?? -1) - height) < 0.5) continue
      heights.set(key, height)
      changed = true
    }
    return changed
  }

  /** Renders what the wanted place needs, measures it, and goes there. Heights settle within a few rounds. */
  async function settle() {
    for (let round = 0; round < 4; round++) {
      range.value = cover(wantedTop())
      await nextTick()
      if (!view.value || !measure()) break
      offsets.value = makeOffsets()
    }
    // Spacers follow the last measurement.
    triggerRef(range)
    await nextTick()
    if (!view.value) return
    const top = wantedTop()
    if (Math.abs(view.value.scrollTop - top) >= 1) {
      view.value.scrollTop = top
      ownTop = view.value.scrollTop
    }
    rememberPlace()
    onLayout(false)
  }

  /** What is seen now is what stays in place from now on. */
  function rememberPlace() {
    const top = scrollTop()
    const first = offsets.value.at(top)
    let index = first
    while (index < offsets.value.count - 1 && !isFixed(rows.value[index] as Row)) index++
    const row = rows.value[index]
    anchor = row ? { key: row.key, offset: offsets.value.top(index) - top } : null
  }

  function distanceToEnd(): number {
    return Math.max(0, maxScroll() - scrollTop())
  }

  function onScroll() {
    const top = scrollTop()
    const isOwn = Math.abs(top - ownTop) < 1
    ownTop = -1
    // A list that has grown since we scrolled to its end is not one whose reader has left it.
    sticksToEnd = distanceToEnd() <= END_SLACK || (isOwn && sticksToEnd)
    rememberPlace()
    onLayout(!isOwn)
    const needed = cover(top, MARGIN)
    if (needed.start < range.value.start || needed.end > range.value.end) void settle()
  }

  /** Brings a row into view: to the middle, or with its top at `at` (0 to 1) of the view. False: there is no such row. */
  async function goTo(key: string, at?: number): Promise<boolean> {
    const index = offsets.value.indexOf(key)
    if (index < 0) return false
    gliding?.abort()
    sticksToEnd = false
    const place = () => {
      const height = offsets.value.top(index + 1) - offsets.value.top(index)
      return at === undefined ? Math.max(0, (viewHeight() - height) / 2) : viewHeight() * at
    }
    anchor = { key, offset: place() }
    await settle()
    anchor = { key, offset: place() }
    await settle()
    return true
  }

  /**
   * Rows that are measured on the way move the end on, and a place we correct ends the browser's motion early: then the
   * rest is a jump. Only a reader who takes hold of the list is let go.
   */
  function glideToEnd(element: HTMLElement) {
    gliding = new AbortController()
    const { signal, abort } = gliding
    for (const hold of ['wheel', 'touchstart', 'pointerdown', 'keydown']) {
      element.addEventListener(hold, abort.bind(gliding), { signal, passive: true })
    }
    element.addEventListener('scrollend', () => void goToEnd(), { signal })
    element.scrollTo({ top: maxScroll(), behavior: 'smooth' })
  }

  async function goToEnd(smooth = false) {
    gliding?.abort()
    const near = distanceToEnd() < 2 * viewHeight()
    const { value: element } = view
    const glides = smooth && near && element && 'onscrollend' in element
    if (glides && !matchMedia('(prefers-reduced-motion: reduce)').matches) return glideToEnd(element)
    sticksToEnd = true
    await settle()
  }

  /** Forgets the place: the next rows are another list and open at their end. */
  function reset() {
    gliding?.abort()
    anchor = null
    sticksToEnd = true
    heights.clear()
  }

  const observer =
    typeof ResizeObserver === 'undefined'
      ? null
      : new ResizeObserver(() => {
          // In the next frame, or the observer would observe what it caused itself.
          resizing ||= requestAnimationFrame(() => {
            resizing = 0
            if (measure()) offsets.value = makeOffsets()
            void settle()
          })
        })

  function setElement(key: string, element: HTMLElement | null) {
    const old = elements.get(key)
    if (old && old !== element) observer?.unobserve(old)
    if (element) {
      elements.set(key, element)
      if (old !== element) observer?.observe(element)
    } else {
      elements.delete(key)
    }
  }

  watch(
    rows,
    () => {
      offsets.value = makeOffsets()
      // The row that held the place may be gone: then the one that is at its place now does.
      if (anchor && offsets.value.indexOf(anchor.key) < 0) rememberPlace()
      void settle()
    },
    { flush: 'pre' },
  )

  onMounted(() => {
    if (view.value) observer?.observe(view.value)
    void settle()
  })
  onBeforeUnmount(() => {
    observer?.disconnect()
    if (resizing) cancelAnimationFrame(resizing)
  })

  const rendered = computed(() => {
    const { start, end } = range.value
    return {
      rows: rows.value.slice(start, end),
      start,
      before: offsets.value.top(start),
      after: offsets.value.total - offsets.value.top(end),
    }
  })

  return { rendered, offsets, setElement, onScroll, goTo, goToEnd, reset, distanceToEnd, scrollTop, viewHeight }
}
