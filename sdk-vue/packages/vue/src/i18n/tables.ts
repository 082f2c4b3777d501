import { shallowReactive } from 'vue'
import type { TranslationStrings } from './messages'

/** Tables of texts fetched so far, by locale. */
export const translations: Record<string, TranslationStrings> = shallowReactive<Record<string, TranslationStrings>>({})

const loaders: Record<string, () => Promise<TranslationStrings>> = {
  ru: () => import('./locales/ru').then((module) => module.ru),
  en: () => import('./locales/en').then((module) => module.en),
  zh: () => import('./locales/zh').then((module) => module.zh),
}

const underWay = new Map<string, Promise<void>>()

/** Adds a language, or replaces one. Makes it available at once, without a request. */
export function registerLocale(locale: string, texts: TranslationStrings): void {
  translations[locale] = texts
}

/** The table a locale starts from: its own, or English for a language that we have no texts of. */
export function baseLocale(locale: string): string {
  if (locale in translations || locale in loaders) return locale
  const language = locale.split('-')[0] ?? locale
  return language in translations || language in loaders ? language : 'en'
}

/** Fetches the texts of a locale unless they are here. A failed fetch leaves the texts in use as they are. */
export function loadLocale(locale: string): Promise<void> {
  const base = baseLocale(locale)
  const load = loaders[base]
  if (base in translations || !load) return Promise.resolve()
  let loading = underWay.get(base)
  if (!loading) {
    loading = load()
      .then((texts) => void (translations[base] ??= texts))
      .catch(() => console.warn(`[MTChat] the texts of "${base}" could not be loaded`))
      .finally(() => underWay.delete(base))
    underWay.set(base, loading)
  }
  return loading
}
