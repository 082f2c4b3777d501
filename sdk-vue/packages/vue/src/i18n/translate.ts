import type { Plural } from './messages'

export type TextParams = Record<string, string | number>

/** Reads `chat.noMessages` out of a tree of texts; undefined when there is none. */
export function readText(tree: unknown, key: string): unknown {
  return key.split('.').reduce<unknown>((node, part) => (node as Record<string, unknown> | undefined)?.[part], tree)
}

const rules = new Map<string, Intl.PluralRules>()

/** The language itself when Intl knows it, else English: a host may name its locale anything. */
export function intlLocale(locale: string): string {
  const tag = locale === 'zh' ? 'zh-CN' : locale
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? 'en'
  } catch {
    return 'en'
  }
}

function pickPlural(forms: Plural, locale: string, count: number): string {
  let rule = rules.get(locale)
  if (!rule) rules.set(locale, (rule = new Intl.PluralRules(intlLocale(locale))))
  return forms[rule.select(count)] ?? forms.other
}

/** Fills `{name}` from the parameters; a placeholder nobody gave a value for stays as it is. */
function fill(text: string, params: TextParams): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? String(params[name]) : whole))
}

/** The text of a key in a tree, plural chosen by `count`. Returns the key itself when the tree has no such text. */
export function translate(tree: unknown, locale: string, key: string, params: TextParams = {}): string {
  const found = readText(tree, key)
  if (typeof found === 'string') return fill(found, params)
  if (found && typeof found === 'object' && 'other' in found) {
    return fill(pickPlural(found as Plural, locale, Number(params.count ?? 0)), params)
  }
  return key
}

/** A copy of `base` with every text of `overrides` laid over it. `base` is returned itself when there is nothing to lay. */
export function mergeTexts<T extends object>(base: T, overrides: unknown): T {
  if (!overrides || typeof overrides !== 'object') return base
  const merged = { ...base } as Record<string, unknown>
  for (const [key, value] of Object.entries(overrides)) {
    // The tree may be a host's JSON: a key that reaches a prototype is no text.
    if (value === undefined || key === '__proto__') continue
    const below = merged[key]
    merged[key] = value && typeof value === 'object' ? mergeTexts((below ?? {}) as object, value) : value
  }
  return merged as T
}
