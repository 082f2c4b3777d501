import { describe, expect, test } from 'vitest'
import { en } from '../../src/i18n/locales/en'
import { ru } from '../../src/i18n/locales/ru'
import { zh } from '../../src/i18n/locales/zh'
import { mergeTexts, translate } from '../../src/i18n/translate'

const leaves = (tree: object, path = ''): string[] =>
  Object.entries(tree).flatMap(([key, value]) => {
    const here = path ? `${path}.${key}` : key
    if (value && typeof value === 'object' && !('other' in value)) return leaves(value as object, here)
    return [here]
  })

const forms = (value: unknown) => (typeof value === 'object' ? Object.values(value as object) : [value]) as string[]
const read = (tree: object, key: string) => key.split('.').reduce<unknown>((node, part) => (node as never)[part], tree)
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()

describe('W50 plural rules', () => {
  test('Russian has a form for one, few and many', () => {
    const count = (n: number) => translate(ru, 'ru', 'chat.participants', { count: n })
    expect([1, 2, 5, 21, 111].map(count)).toEqual([
      '1 участник',
      '2 участника',
      '5 участников',
      '21 участник',
      '111 участников',
    ])
  })

  test('English has a form for one and for the rest', () => {
    const count = (n: number) => translate(en, 'en', 'chat.participants', { count: n })
    expect([0, 1, 2].map(count)).toEqual(['0 participants', '1 participant', '2 participants'])
  })

  test('a missing key is shown as itself and an unknown placeholder stays', () => {
    expect(translate(en, 'en', 'chat.nothing')).toBe('chat.nothing')
    expect(translate(en, 'en', 'system.participantLeft')).toBe('{name} left')
  })
})

describe('W50 texts of the host', () => {
  test('a part of a table is laid over ours and ours is not changed', () => {
    const merged = mergeTexts(en, { buttons: { send: 'Post' } })
    expect(merged.buttons.send).toBe('Post')
    expect(merged.buttons.cancel).toBe(en.buttons.cancel)
    expect(en.buttons.send).toBe('Send')
  })

  test('a key that would reach a prototype is ignored', () => {
    mergeTexts(en, JSON.parse('{"__proto__":{"polluted":"yes"}}'))
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe('every locale', () => {
  test.each([
    ['en', en],
    ['zh', zh],
  ])('%s has exactly the keys of ru', (_, table) => {
    expect(leaves(table).sort()).toEqual(leaves(ru).sort())
  })

  test.each([
    ['ru', ru],
    ['zh', zh],
  ])('%s uses the placeholders of en', (_, table) => {
    for (const key of leaves(en)) {
      const expected = placeholders(forms(read(en, key)).at(-1) ?? '')
      for (const text of forms(read(table, key))) expect([key, placeholders(text)]).toEqual([key, expected])
    }
  })

  test.each([
    ['ru', ru],
    ['en', en],
    ['zh', zh],
  ])('W50 %s has a form for every category of its plural rules', (locale, table) => {
    const { pluralCategories } = new Intl.PluralRules(locale).resolvedOptions()
    for (const key of leaves(table)) {
      const found = read(table, key)
      if (typeof found === 'string') continue
      // One text for all of them will do where the number changes nothing.
      if (new Set(forms(found)).size === 1) continue
      expect([key, Object.keys(found as object).sort()]).toEqual([key, [...pluralCategories].sort()])
    }
  })

  test.each([
    ['ru', ru, /[а-яё]/i],
    ['zh', zh, /[\u4e00-\u9fff]/],
  ])('%s is translated: every text has letters of its script', (_, table, script) => {
    const signs = ['punctuation.comma', 'punctuation.colon']
    const untranslated = leaves(table).filter(
      (key) => !signs.includes(key) && !forms(read(table, key)).every((text) => script.test(text)),
    )
    expect(untranslated).toEqual([])
  })

  test('has the 110 keys of the original', () => {
    const kept = [
      'tabs.myChats',
      'chat.deleteConfirm',
      'user.anonymous',
      'infoPanel.objectTypes.tender',
      'fileViewer.fileTypes.sevenZip',
      'readReceipts.andMore',
      'formatting.clearFormatting',
      'joinDialog.joining',
      'tooltips.openObject',
      'dates.yesterday',
    ]
    for (const key of kept) expect(leaves(ru)).toContain(key)
    expect(leaves(ru).length).toBeGreaterThan(110)
  })
})
