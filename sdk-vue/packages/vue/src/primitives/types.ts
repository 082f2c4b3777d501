/** What a primitive must do to take part in the registry: props, events, exposed methods. */
import type { Component, Directive } from 'vue'
import type { IconName } from '../icons'

export type MtButtonVariant = 'primary' | 'secondary' | 'danger' | 'ghost' | 'text'
export type MtButtonSize = 'sm' | 'md' | 'lg'

export interface MtButtonProps {
  /** Default `secondary`. */
  variant?: MtButtonVariant
  /** Default `md`. */
  size?: MtButtonSize
  disabled?: boolean
  /** Shows a spinner and takes no clicks. */
  loading?: boolean
  /** Default `button`. */
  type?: 'button' | 'submit' | 'reset'
  /** Square, for a lone icon. */
  icon?: boolean
  title?: string
}

export interface MtDialogProps {
  visible: boolean
  header?: string
  /** A click outside closes it; default true. */
  modal?: boolean
  /** Has a close button and obeys Escape; default true. */
  closable?: boolean
  /** Default `400px`. */
  maxWidth?: string
  /** For replacements that can be dragged; the native one stays in the middle. */
  draggable?: boolean
  /** Default: the theme of the chat it belongs to. */
  theme?: string
}

export interface MtDialogEmits {
  'update:visible': [visible: boolean]
  close: []
}

export interface MtMenuItem {
  label: string
  icon?: IconName
  command?: () => void
  disabled?: boolean
  /** A line instead of an item. */
  separator?: boolean
  danger?: boolean
}

export interface MtMenuProps {
  items: MtMenuItem[]
  /** Opens over the page (default) or stands where it is put. */
  popup?: boolean
  theme?: string
}

export interface MtMenuEmits {
  select: [item: MtMenuItem]
  hide: []
}

export interface MtMenuExpose {
  toggle(event: Event): void
  show(event: Event): void
  hide(): void
}

export interface MtContextMenuProps {
  items: MtMenuItem[]
  theme?: string
}

export type MtContextMenuEmits = MtMenuEmits

export interface MtContextMenuExpose {
  show(event: MouseEvent): void
  hide(): void
}

export interface MtInputProps {
  modelValue?: string
  placeholder?: string
  /** Default `text`. */
  type?: string
  disabled?: boolean
  invalid?: boolean
  /** Offers a button that empties it. */
  clearable?: boolean
  size?: MtButtonSize
}

export interface MtInputEmits {
  'update:modelValue': [value: string]
  clear: []
  focus: [event: FocusEvent]
  blur: [event: FocusEvent]
  keydown: [event: KeyboardEvent]
}

export interface MtInputExpose {
  focus(): void
  select(): void
}

export interface MtCheckboxProps {
  modelValue?: boolean
  label?: string
  disabled?: boolean
  name?: string
}

export interface MtCheckboxEmits {
  'update:modelValue': [checked: boolean]
}

export interface MtRadioButtonProps {
  modelValue?: unknown
  value: unknown
  label?: string
  disabled?: boolean
  name?: string
}

export interface MtRadioButtonEmits {
  'update:modelValue': [value: unknown]
}

export interface MtTabsProps {
  modelValue: string
}

export interface MtTabsEmits {
  'update:modelValue': [value: string]
}

export interface MtTabProps {
  value: string
  label?: string
  /** Shown behind the label when it is not zero or empty. */
  badge?: string | number
  disabled?: boolean
}

export interface MtAccordionProps {
  modelValue?: string | string[]
  /** Several panels may be open at a time. */
  multiple?: boolean
}

export interface MtAccordionEmits {
  'update:modelValue': [value: string | string[]]
}

export interface MtAccordionPanelProps {
  value: string
  header?: string
  disabled?: boolean
}

export interface MtTagProps {
  value: string
}

export interface MtSpinnerProps {
  /** Default 32 pixels. */
  size?: number | string
  /** Read by screen readers. */
  label?: string
}

export interface MtTooltipOptions {
  value: string
  position?: 'top' | 'right' | 'bottom' | 'left'
  /** Milliseconds. */
  showDelay?: number
  /** Milliseconds. */
  hideDelay?: number
}

/** The parts a host may replace, by name. */
export interface ComponentRegistry {
  MtButton: Component
  MtDialog: Component
  MtMenu: Component
  MtContextMenu: Component
  MtInput: Component
  MtCheckbox: Component
  MtRadioButton: Component
  MtTabs: Component
  MtTab: Component
  MtAccordion: Component
  MtAccordionPanel: Component
  MtTag: Component
  MtSpinner: Component
  vTooltip: Directive<HTMLElement, string | MtTooltipOptions | undefined>
}

export type PartialRegistry = Partial<ComponentRegistry>
