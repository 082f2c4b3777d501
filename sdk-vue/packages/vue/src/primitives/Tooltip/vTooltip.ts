import type { Directive } from 'vue'
import type { MtTooltipOptions } from '../types'

function apply(element: HTMLElement, value: string | MtTooltipOptions | undefined) {
  const text = typeof value === 'string' ? value : value?.value
  if (text) element.title = text
  else element.removeAttribute('title')
}

/** The browser's own tooltip. A registry may bring a richer one under the same name. */
export const vTooltip: Directive<HTMLElement, string | MtTooltipOptions | undefined> = {
  mounted: (element, { value }) => apply(element, value),
  updated: (element, { value, oldValue }) => {
    if (value !== oldValue) apply(element, value)
  },
  getSSRProps: ({ value }) => ({ title: typeof value === 'string' ? value : value?.value }),
}
