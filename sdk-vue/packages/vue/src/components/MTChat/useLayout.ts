import { computed, onBeforeUnmount, onMounted, ref, watch, type ComputedRef, type Ref } from 'vue'
import type { MobileView } from './types'

export type LayoutSize = 'mobile' | 'tablet' | 'desktop'

const TABLET_PX = 768
const DESKTOP_PX = 1200

/** Widths of the two side columns on a desktop, in pixels; the upper bound is a share of the whole. */
export const COLUMNS = {
  list: { start: 280, min: 280, maxShare: 0.3 },
  info: { start: 300, min: 240, maxShare: 0.3 },
} as const
export type Column = keyof typeof COLUMNS

export interface Layout {
  /** Width of the component in pixels. */
  width: Ref<number>
  size: ComputedRef<LayoutSize>
  mobileView: ComputedRef<MobileView>
  isInfoOpen: Ref<boolean>
  columns: Ref<Record<Column, number>>
  isResizing: Ref<boolean>
  /** Sets a column's width, within its bounds. */
  resize(column: Column, pixels: number): void
  boundsOf(column: Column): { min: number; max: number }
}

function sizeOf(width: number): LayoutSize {
  if (width >= DESKTOP_PX) return 'desktop'
  return width >= TABLET_PX ? 'tablet' : 'mobile'
}

/**
 * Which columns fit, by the width of the component itself, not of the window.
 * @param hasChat a dialog is open, or this is the one chat of inline mode.
 */
export function useLayout(root: Ref<HTMLElement | null>, hasChat: () => boolean): Layout {
  const width = ref(0)
  const isInfoOpen = ref(false)
  const isResizing = ref(false)
  const columns = ref<Record<Column, number>>({ list: COLUMNS.list.start, info: COLUMNS.info.start })
  let observer: ResizeObserver | undefined

  function measure() {
    // A hidden component has no width: it keeps the layout it had.
    width.value = root.value?.clientWidth || width.value
  }

  onMounted(() => {
    measure()
    if (typeof ResizeObserver === 'undefined' || !root.value) return
    observer = new ResizeObserver(measure)
    observer.observe(root.value)
  })
  onBeforeUnmount(() => observer?.disconnect())

  const size = computed<LayoutSize>(() => (width.value === 0 ? 'desktop' : sizeOf(width.value)))
  const mobileView = computed<MobileView>(() => {
    if (isInfoOpen.value && size.value === 'mobile') return 'info'
    return hasChat() ? 'chat' : 'list'
  })

  function boundsOf(column: Column) {
    const { min, maxShare } = COLUMNS[column]
    return { min, max: Math.max(min, Math.round(width.value * maxShare)) }
  }

  function resize(column: Column, pixels: number) {
    const { min, max } = boundsOf(column)
    columns.value = { ...columns.value, [column]: Math.min(max, Math.max(min, Math.round(pixels))) }
  }

  watch(width, () => {
    for (const column of ['list', 'info'] as const) resize(column, columns.value[column])
  })

  return { width, size, mobileView, isInfoOpen, columns, isResizing, resize, boundsOf }
}
