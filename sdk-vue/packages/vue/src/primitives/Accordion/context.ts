import { inject, type InjectionKey } from 'vue'

export interface AccordionContext {
  isOpen: (value: string) => boolean
  toggle: (value: string) => void
}

export const ACCORDION_KEY: InjectionKey<AccordionContext> = Symbol('mt-accordion')

/** @throws when there is no MtAccordion above. */
export function useAccordion(): AccordionContext {
  const context = inject(ACCORDION_KEY, null)
  if (!context) throw new Error('[MTChat] MtAccordionPanel must be inside MtAccordion')
  return context
}
