import { describe, expect, test } from 'vitest'
import { sanitizeHtml } from '../../src/html/sanitize'

describe('sanitizeHtml lets through what the contract lists', () => {
  test.each([
    [
      '<p>a <strong>b</strong> <em>c</em> <u>d</u> <s>e</s></p>',
      '<p>a <strong>b</strong> <em>c</em> <u>d</u> <s>e</s></p>',
    ],
    ['<p><b>a</b> <i>b</i> <strike>c</strike></p>', '<p><strong>a</strong> <em>b</em> <s>c</s></p>'],
    [
      '<pre class="mtchat-code-block"><code class="language-js">x</code></pre>',
      '<pre class="mtchat-code-block"><code class="language-js">x</code></pre>',
    ],
    ['<ul><li><p>x</p></li></ul>', '<ul><li><p>x</p></li></ul>'],
  ])('%s', (html, expected) => expect(sanitizeHtml(html)).toBe(expected))
})

describe('sanitizeHtml stops what would act in the page', () => {
  test.each([
    ['<img src=x onerror=alert(1)>', ''],
    ['<p onclick="x()">a</p>', '<p>a</p>'],
    ['<svg><script>x()</script></svg>', ''],
    ['<p style="position:fixed" id="x">a</p>', '<p>a</p>'],
    ['<span class="host-alert mtchat-mention">a</span>', '<span class="mtchat-mention">a</span>'],
    ['<p class="btn">a</p>', '<p>a</p>'],
    ['<span data-mention="x" data-evil="y">a</span>', '<span>a</span>'],
  ])('%s', (html, expected) => expect(sanitizeHtml(html)).toBe(expected))

  test.each(['javascript:alert(1)', 'data:text/html,x', '/host/logout', '//evil.example', 'JaVaScRiPt:x'])(
    'a link to %s goes nowhere',
    (href) => {
      expect(sanitizeHtml(`<a href="${href}">x</a>`)).not.toContain('href')
    },
  )

  test('every link opens apart from the page', () => {
    expect(sanitizeHtml('<a href="https://a.example" target="_self" rel="opener">x</a>')).toBe(
      '<a href="https://a.example" target="_blank" rel="noopener noreferrer">x</a>',
    )
  })
})

test('mentions are marked, and one’s own stand out', () => {
  const html = '<p><span data-type="mention" data-id="u-1" data-label="Anna">@Anna</span></p>'
  expect(sanitizeHtml(html, 'u-1')).toContain('class="mtchat-mention mtchat-mention--me"')
  expect(sanitizeHtml(html, 'u-2')).toContain('class="mtchat-mention"')
})
