import { inject, type ComputedRef, type InjectionKey } from 'vue'

export interface TabsContext {
  selected: ComputedRef<string>
  select: (value: string) => void
}

export const TABS_KEY: InjectionKey<TabsContext> = Symbol('mt-tabs')

/** @throws when there is no MtTabs above. */
export function useTabs(): TabsContext {
  const context = inject(TABS_KEY, null)
  if (!context) throw new Error('[MTChat] MtTab must be inside MtTabs')
  return context
}
