export { provideI18n, useI18n, type HostMessages, type I18n } from './useI18n'
export { loadLocale, registerLocale, translations } from './tables'
export type { PartialMessages, Plural, TranslationStrings } from './messages'
