/** Which component stands for each primitive: ours, or the host's own kit. */
import { defineAsyncComponent, inject, provide, type InjectionKey } from 'vue'
import MtAccordion from '../primitives/Accordion/MtAccordion.vue'
import MtAccordionPanel from '../primitives/Accordion/MtAccordionPanel.vue'
import MtButton from '../primitives/Button/MtButton.vue'
import MtInput from '../primitives/Input/MtInput.vue'
import MtContextMenu from '../primitives/Menu/MtContextMenu.vue'
import MtMenu from '../primitives/Menu/MtMenu.vue'
import MtSpinner from '../primitives/Spinner/MtSpinner.vue'
import MtTab from '../primitives/Tabs/MtTab.vue'
import MtTabs from '../primitives/Tabs/MtTabs.vue'
import MtTag from '../primitives/Tag/MtTag.vue'
import { vTooltip } from '../primitives/Tooltip/vTooltip'
import type { ComponentRegistry, PartialRegistry } from '../primitives/types'

export const REGISTRY_KEY: InjectionKey<ComponentRegistry> = Symbol('mtchat-registry')

/** The set without any replacement. */
export const defaultRegistry: ComponentRegistry = {
  MtButton,
  // Dialogs are fetched when the first one opens.
  MtDialog: defineAsyncComponent(() => import('../primitives/Dialog/MtDialog.vue')),
  MtMenu,
  MtContextMenu,
  MtInput,
  MtCheckbox: defineAsyncComponent(() => import('../primitives/Choice/MtCheckbox.vue')),
  MtRadioButton: defineAsyncComponent(() => import('../primitives/Choice/MtRadioButton.vue')),
  MtTabs,
  MtTab,
  MtAccordion,
  MtAccordionPanel,
  MtTag,
  MtSpinner,
  vTooltip,
}

/** Replaces primitives for every MTChat below the calling component; those not named keep what they were. */
export function provideRegistry(replacements: PartialRegistry): ComponentRegistry {
  const registry = { ...useRegistry(), ...replacements }
  provide(REGISTRY_KEY, registry)
  return registry
}

/** The set in effect. */
export function useRegistry(): ComponentRegistry {
  return inject(REGISTRY_KEY, defaultRegistry)
}

/** One primitive of the set in effect. */
export function useRegistryComponent<Name extends keyof ComponentRegistry>(name: Name): ComponentRegistry[Name] {
  return useRegistry()[name]
}
