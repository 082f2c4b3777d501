import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const css = readFileSync(join(import.meta.dirname, '../../src/theme/variables.css'), 'utf8')

/** Variables of the block whose selector holds `marker`. */
function variables(marker: string): Record<string, string> {
  const at = css.indexOf(marker)
  const block = css.slice(css.indexOf('{', at) + 1, css.indexOf('}', at))
  return Object.fromEntries(
    [...block.matchAll(/--mtchat-([\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name, value]),
  )
}

type Rgb = [number, number, number]
const hex = (value = ''): Rgb => [1, 3, 5].map((at) => parseInt(value.slice(at, at + 2), 16)) as Rgb

/** A translucent colour as it looks on a background. */
function over(rgba: string, back: Rgb): Rgb {
  const [r = 0, g = 0, b = 0, alpha = 1] = [...rgba.matchAll(/[\d.]+/g)].map(Number)
  return [r, g, b].map((channel, i) => channel * alpha + (back[i] as number) * (1 - alpha)) as Rgb
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((channel) => {
    const share = channel / 255
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as Rgb
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

describe.each([
  ['light', variables(':where(.mtchat-prime, .mtchat')],
  ['dark', variables(':where(.mtchat-prime--dark')],
])('W49 contrast of the %s theme', (_, theme) => {
  const backgrounds = ['bg', 'bg-secondary', 'bg-hover'].map((name) => hex(theme[name]))

  test.each(['text', 'text-secondary', 'primary', 'danger'])('%s is readable on every background', (name) => {
    for (const back of backgrounds) expect(contrast(hex(theme[name]), back)).toBeGreaterThanOrEqual(4.5)
  })

  test.each(['primary', 'primary-hover', 'danger', 'danger-hover'])('text on %s is readable', (name) => {
    expect(contrast(hex(theme['text-on-primary']), hex(theme[name]))).toBeGreaterThanOrEqual(4.5)
  })

  test('text on the tint of a mention and of a selected row is readable', () => {
    const tint = over(theme['primary-bg'] ?? '', hex(theme.bg))
    for (const name of ['text', 'text-secondary', 'primary-hover']) {
      expect(contrast(hex(theme[name]), tint)).toBeGreaterThanOrEqual(4.5)
    }
  })

  test.each(['success', 'warning'])('a mark in %s can be seen', (name) => {
    expect(contrast(hex(theme[name]), hex(theme.bg))).toBeGreaterThanOrEqual(3)
  })
})

test('the automatic theme has the values of the dark one', () => {
  expect(variables('@media (prefers-color-scheme: dark)')).toBeDefined()
  const auto = css.slice(css.indexOf('@media'))
  for (const [name, value] of Object.entries(variables(':where(.mtchat-prime--dark'))) {
    expect(auto).toContain(`--mtchat-${name}: ${value};`)
  }
})

test('a default weighs nothing, so that any rule of a host wins', () => {
  const selectors = [...css.replace(/\/\*[^]*?\*\//g, '').matchAll(/^\s*([^@\s{}][^{}]*)\{/gm)].map(([, selector]) =>
    selector?.trim(),
  )
  expect(selectors.length).toBeGreaterThan(2)
  for (const selector of selectors) expect(selector).toMatch(/^:where\(.*\)$/)
})
