import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import createDOMPurify, { type DOMPurify } from 'dompurify'
import { expect, test } from 'vitest'
import { emptyUnusedDefaults } from '../../scripts/unusedDefaults.mjs'
import { LIMITS } from '../../src/html/sanitize'

const library = join(dirname(createRequire(import.meta.url).resolve('dompurify')), 'purify.es.mjs')

/** The sanitiser as the build packs it. */
function packed(): typeof createDOMPurify {
  const code = emptyUnusedDefaults(readFileSync(library, 'utf8')).replace(
    /^export \{ (\w+) as default \};$/m,
    'return $1',
  )
  return new Function(code)() as typeof createDOMPurify
}

const sanitise = (purifier: DOMPurify, html: string) => purifier.sanitize(html, LIMITS)

/** Every kind of element, attribute and nesting of namespaces that the library has rules of its own for. */
const HOSTILE = [
  '<img src=x onerror=x()><p onclick=x() style="a" id=b name=c title=d>a</p>',
  '<svg><a xlink:href="javascript:x()"><text>a</text></a><p>b</p><style><a title="</style><img src=x onerror=x()>">',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=x()&gt;">',
  '<math><mi><p>a</p></mi><annotation-xml encoding="text/html"><p>b</p></annotation-xml></math>',
  '<svg><foreignObject><p><strong>a</strong></p></foreignObject><desc><span>b</span></desc><title><a>c</a></title></svg>',
  '<form><input name=attributes><p>a</p></form><noscript><p title="</noscript><img src=x>">',
  '<template><p>a</p></template><iframe srcdoc="<p>b</p>"></iframe><object data=x></object><embed src=x>',
  '<a href="java&#x09;script:x()">a</a><a href=" data:text/html,x">b</a><a href="//a.example">c</a>',
  '<p aria-label=a data-x=b data-id=c class=d dir=rtl lang=ru>a</p><x-part is=y>b</x-part><!-- c --><?d?>',
  '<table><tr><td><b>a</b></td></tr></table><h1>b</h1><details open><summary>c</summary></details><font color=red>d',
]

test.each(HOSTILE)('W60 the packed sanitiser does what the library does: %s', (html) => {
  expect(sanitise(packed()(window), html)).toBe(sanitise(createDOMPurify(window), html))
})

test('W60 a library without those lists stops the build', () => {
  expect(() => emptyUnusedDefaults('const purify = {}')).toThrow('no list')
})

test('W60 the packed sanitiser lets nothing pass by itself', () => {
  expect(packed()(window).sanitize('<p title="a">b</p>')).toBe('b')
})
