/** The built package, as a host gets it. `npm run build` first. */
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HostPage } from './hostPage'

const root = join(import.meta.dirname, '../..')
const DARK = 'rgb(30, 30, 30)'

describe('W60 in a page under a strict policy', () => {
  let host: HostPage
  beforeAll(async () => {
    host = await HostPage.start()
  })
  afterAll(() => host.stop())

  test('a host that imports only the component gets its styles, by no style element', async () => {
    const { background, adopted, styleElements, violations, errors } = await host.open('modules.html')
    expect({ background, styleElements, violations, errors }).toEqual({
      background: DARK,
      styleElements: 0,
      violations: [],
      errors: [],
    })
    expect(adopted).toBe(1)
  })

  test('a host that links style.css gets them from there alone', async () => {
    const { background, adopted, violations } = await host.open('linked.html')
    expect({ background, adopted, violations }).toEqual({ background: DARK, adopted: 0, violations: [] })
  })

  test('W53 a page without a bundler has the global MTChatVue, which takes the global Vue', async () => {
    const { background, violations, errors } = await host.open('script.html')
    expect({ background, violations, errors }).toEqual({ background: DARK, violations: [], errors: [] })
  })

  test('W55 editor, viewer and PDF library are not fetched at the start', async () => {
    const { requested } = await host.open('modules.html')
    expect(requested).toContain('/dist/index.js')
    expect(requested.filter((path) => /RichEditor|prosemirror|tiptap|ViewerPanel|pdf/.test(path))).toEqual([])
  })
})

describe('W16 in Node, without a browser', () => {
  const run = (...args: string[]) => execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }).trim()

  test.each([
    ['@mtchat/vue', 'MTChat'],
    ['@mtchat/vue/headless', 'useChat'],
    ['@mtchat/vue/client', 'MTChatClient'],
    ['@mtchat/vue/locales/en', 'en'],
  ])('%s can be imported', (entry, name) => {
    expect(run('--input-type=module', '-e', `console.log('${name}' in (await import('${entry}')))`)).toBe('true')
  })

  test('the main entry can be required', () => {
    expect(run('--input-type=commonjs', '-e', "console.log(typeof require('@mtchat/vue').useChat)")).toBe('function')
  })

  test('style.css is an entry', () => {
    expect(createRequire(join(root, 'package.json')).resolve('@mtchat/vue/style.css')).toBe(
      join(root, 'dist/style.css'),
    )
  })
})
