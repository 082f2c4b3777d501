import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../src')
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|vue)$/.test(name))
  .map((name) => ({ name: name.replaceAll('\\', '/'), text: readFileSync(join(root, name), 'utf8') }))

const holding = (pattern: RegExp) => files.filter(({ text }) => pattern.test(text)).map(({ name }) => name)

test('W60 message HTML has one way into the page', () => {
  expect(holding(/ v-html=/)).toEqual(['components/MessageHtml/MessageHtml.vue'])
  expect(holding(/from 'dompurify'/)).toEqual(['html/sanitize.ts'])
})

test('W60 nothing assigns HTML or writes a style element', () => {
  expect(holding(/\.(inner|outer)HTML\s*=|insertAdjacentHTML|document\.write|createElement\('style'\)/)).toEqual([])
})

test('W60 no template has a style attribute as text and no worker is a data: address', () => {
  expect(holding(/\sstyle="/)).toEqual([])
  expect(holding(/['"`]data:(text|application)\/javascript/)).toEqual([])
})

test('only the inert parser parses HTML', () => {
  expect(holding(/parseFromString/)).toEqual(['html/inert.ts'])
})

test('no module is longer than 350 lines', () => {
  const long = files.filter(({ text }) => text.split('\n').length > 350).map(({ name }) => name)
  expect(long).toEqual([])
})
