import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { NodeTypes, parse, type TemplateChildNode } from '@vue/compiler-dom'

const src = join(import.meta.dirname, '../../src')
const templates = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.vue'))

/** Attributes that people read or hear. */
const SPOKEN = new Set(['title', 'aria-label', 'placeholder', 'alt', 'label', 'header'])
const WORD = /\p{L}{2,}/u

function wordsIn(node: TemplateChildNode): string[] {
  if (node.type === NodeTypes.TEXT) return WORD.test(node.content) ? [node.content.trim()] : []
  if (node.type !== NodeTypes.ELEMENT) return []
  const attributes = node.props.flatMap((attribute) => {
    if (attribute.type !== NodeTypes.ATTRIBUTE || !SPOKEN.has(attribute.name)) return []
    const value = attribute.value?.content ?? ''
    return WORD.test(value) && !value.startsWith('https://') ? [`${attribute.name}="${value}"`] : []
  })
  return [...attributes, ...node.children.flatMap(wordsIn)]
}

test.each(templates)('no word of any language stands in the template of %s', (name) => {
  const source = readFileSync(join(src, name), 'utf8')
  const template = /<template>[^]*<\/template>/.exec(source)?.[0] ?? ''
  expect(parse(template, { comments: false }).children.flatMap(wordsIn)).toEqual([])
})
