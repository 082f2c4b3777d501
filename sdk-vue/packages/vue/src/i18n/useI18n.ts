import {
  computed,
  inject,
  provide,
  toValue,
  watchEffect,
  type ComputedRef,
  type InjectionKey,
  type MaybeRefOrGetter,
} from 'vue'
import type { LocaleMessages } from '@mtchat/client'
import * as dates from './dates'
import type { PartialMessages, TranslationStrings } from './messages'
import { baseLocale, loadLocale, translations } from './tables'
import { mergeTexts, translate, type TextParams } from './translate'

export interface I18n {
  /** The tree of texts in use. */
  t: ComputedRef<TranslationStrings>
  /** The locale asked for. */
  locale: ComputedRef<string>
  /** False while the texts of the first locale are on their way. */
  ready: ComputedRef<boolean>
  /** Left to right, or the other way round. */
  dir: ComputedRef<'ltr' | 'rtl'>
  /** A text by its dotted key; plural by `params.count`; the key itself when there is no such text. */
  tt: (key: string, params?: TextParams) => string
  formatDate: (date: Date) => string
  formatDateDivider: (iso: string) => string
  formatTime: (iso: string) => string
  /** The time without AM or PM. */
  formatClock: (iso: string) => string
  formatInboxTime: (iso: string) => string
  formatFull: (iso: string) => string
}

export type HostMessages = PartialMessages | LocaleMessages

const I18N_KEY: InjectionKey<I18n> = Symbol('mtchat-i18n')
const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ur', 'ps', 'sd', 'ug', 'yi'])

/** Before any table is there: every text of every group is empty. */
const NO_TEXTS = new Proxy({}, { get: () => new Proxy({}, { get: () => '' }) }) as TranslationStrings

function createI18n(
  localeSource: MaybeRefOrGetter<string | undefined>,
  messages: MaybeRefOrGetter<HostMessages | undefined> = undefined,
): I18n {
  const locale = computed(() => toValue(localeSource) || 'ru')
  // A language still on its way leaves the one in use on the screen.
  let shown = ''
  const base = computed(() => {
    const wanted = baseLocale(locale.value)
    if (wanted in translations) shown = wanted
    return shown
  })
  const ready = computed(() => base.value !== '')
  const language = computed(() => (base.value === baseLocale(locale.value) ? locale.value : base.value) || 'en')
  const t = computed(() => mergeTexts(translations[base.value] ?? NO_TEXTS, toValue(messages)))
  if (typeof window !== 'undefined') watchEffect(() => void loadLocale(locale.value))
  return {
    t,
    locale,
    ready,
    dir: computed(() => (RIGHT_TO_LEFT.has(locale.value.split('-')[0] ?? '') ? 'rtl' : 'ltr')),
    tt: (key, params) => translate(t.value, language.value, key, params),
    formatDate: (date) => dates.formatDate(language.value, date),
    formatDateDivider: (iso) => dates.formatDateDivider(language.value, iso, t.value.dates),
    formatTime: (iso) => dates.formatTime(language.value, iso),
    formatClock: (iso) => dates.formatClock(language.value, iso),
    formatInboxTime: (iso) => dates.formatInboxTime(language.value, iso),
    formatFull: (iso) => dates.formatFull(language.value, iso),
  }
}

/** Makes texts available to everything below; both arguments may be plain, refs or getters and may change. */
export function provideI18n(
  locale: MaybeRefOrGetter<string | undefined>,
  messages?: MaybeRefOrGetter<HostMessages | undefined>,
): I18n {
  const i18n = createI18n(locale, messages)
  provide(I18N_KEY, i18n)
  return i18n
}

/** The texts of the nearest provider; Russian without one. */
export function useI18n(): I18n {
  return inject(I18N_KEY, () => createI18n('ru'), true)
}
