import type { MenuItem } from 'primevue/menuitem'
import type { MtMenuItem } from '@mtchat/vue'

export interface PrimeItem extends MenuItem {
  /** The item as the chat knows it. */
  source: MtMenuItem
}

/** The items in PrimeVue's words. `choose` is called for one that may be chosen. */
export const modelOf = (items: MtMenuItem[], choose: (item: MtMenuItem) => void): PrimeItem[] =>
  items.map((source) => ({
    source,
    label: source.label,
    disabled: source.disabled ?? false,
    ...(source.separator ? { separator: true } : {}),
    class: source.danger ? 'mtchat-menu__item--danger' : undefined,
    // PrimeVue's context menu leaves it to the style sheet that a disabled item is not clicked.
    command: () => !source.disabled && choose(source),
  }))
