import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const src = join(import.meta.dirname, '../../src')
const sheets = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.css'))
const LONGEST_MS = 150

const milliseconds = (value: string) =>
  [...value.matchAll(/(\d*\.?\d+)(ms|s)\b/g)].map(([, number, unit]) => Number(number) * (unit === 's' ? 1000 : 1))

describe.each(sheets)('%s', (name) => {
  const css = readFileSync(join(src, name), 'utf8')

  test('moves nothing for longer than 150 ms, but for what shows that something is going on', () => {
    const movements = [...css.matchAll(/(?:transition|animation):([^;]+);/g)].map(([, value]) => value ?? '')
    for (const movement of movements.filter((value) => !value.includes('infinite')))
      for (const duration of milliseconds(movement)) expect(duration).toBeLessThanOrEqual(LONGEST_MS)
  })

  test('W51 names sides by the direction of the text', () => {
    const physical = css.match(
      /(?:margin|padding|border|inset)-(?:left|right)\b|text-align: (?:left|right)|float: (?:left|right)/g,
    )
    expect(physical).toBeNull()
  })
})
