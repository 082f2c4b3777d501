/** What `@mtchat/vue` exports: the chat component and everything below it that a host may use alone. */
export * from './headless'

export { default as MTChat } from './components/MTChat/MTChat.vue'
export type { MobileView, MTChatEmits, MTChatProps, MTChatSlots, ObjectNavigateEvent } from './components/MTChat/types'
export { FileViewer } from './components/FileViewer'
export { Icon, type IconName } from './icons'
export * from './primitives'
export { defaultRegistry, provideRegistry, REGISTRY_KEY, useRegistry, useRegistryComponent } from './registry'
// For replacements of primitives: what a teleported part looks like, and where the focus goes in a dialog.
export { useFocusTrap } from './primitives/Dialog/focusTrap'
export { usePortal, type Portal } from './theme/usePortal'
export {
  loadLocale,
  provideI18n,
  registerLocale,
  translations,
  useI18n,
  type HostMessages,
  type I18n,
  type PartialMessages,
  type Plural,
  type TranslationStrings,
} from './i18n'
