import type { ComponentRegistry } from '@mtchat/vue'
import PrimeAccordion from './Accordion/PrimeAccordion.vue'
import PrimeAccordionPanel from './Accordion/PrimeAccordionPanel.vue'
import PrimeButton from './Button/PrimeButton.vue'
import PrimeCheckbox from './Choice/PrimeCheckbox.vue'
import PrimeRadioButton from './Choice/PrimeRadioButton.vue'
import PrimeDialog from './Dialog/PrimeDialog.vue'
import PrimeInput from './Input/PrimeInput.vue'
import PrimeContextMenu from './Menu/PrimeContextMenu.vue'
import PrimeMenu from './Menu/PrimeMenu.vue'
import PrimeSpinner from './Spinner/PrimeSpinner.vue'
import PrimeTab from './Tabs/PrimeTab.vue'
import PrimeTabs from './Tabs/PrimeTabs.vue'
import PrimeTag from './Tag/PrimeTag.vue'
import { vTooltip } from './Tooltip/vTooltip'

/** Every primitive of the chat, made of PrimeVue's components. */
export const primevueRegistry: ComponentRegistry = {
  MtButton: PrimeButton,
  MtDialog: PrimeDialog,
  MtMenu: PrimeMenu,
  MtContextMenu: PrimeContextMenu,
  MtInput: PrimeInput,
  MtCheckbox: PrimeCheckbox,
  MtRadioButton: PrimeRadioButton,
  MtTabs: PrimeTabs,
  MtTab: PrimeTab,
  MtAccordion: PrimeAccordion,
  MtAccordionPanel: PrimeAccordionPanel,
  MtTag: PrimeTag,
  MtSpinner: PrimeSpinner,
  vTooltip,
}

export {
  PrimeAccordion,
  PrimeAccordionPanel,
  PrimeButton,
  PrimeCheckbox,
  PrimeContextMenu,
  PrimeDialog,
  PrimeInput,
  PrimeMenu,
  PrimeRadioButton,
  PrimeSpinner,
  PrimeTab,
  PrimeTabs,
  PrimeTag,
  vTooltip as primeTooltip,
}
