import { describe, expect, test } from 'vitest'
import { htmlToLines, htmlToText, isEmptyHtml, linesToHtml } from '../../src/html/plainText'
import { safeHref } from '../../src/html/safeHref'
import { needsRichField, trimHtml } from '../../src/components/Composer/field'
import { withScheme } from '../../src/components/Editor/link'

describe('htmlToText', () => {
  test('is one line with a space between blocks', () => {
    expect(htmlToText('<p>Gate 4</p><ul><li><p>one</p></li><li><p>two</p></li></ul>')).toBe('Gate 4 one two')
  })

  test('runs no handler of what it reads', () => {
    const page = window as Window & { ran?: boolean }
    expect(htmlToText('<img src="x" onerror="ran = true"><b>a</b> &lt;i&gt;')).toBe('a <i>')
    expect(page.ran).toBeUndefined()
  })

  test('knows when there is nothing to see', () => {
    expect(['', '<p></p>', '<p> <br></p>', '<p>&nbsp;</p>'].map(isEmptyHtml)).toEqual([true, true, true, true])
  })
})

describe('typed lines and message HTML', () => {
  test('go there and back', () => {
    const typed = 'a < b & "c"\nsecond'
    expect(linesToHtml(typed)).toBe('<p>a &lt; b &amp; &quot;c&quot;</p><p>second</p>')
    expect(htmlToLines(linesToHtml(typed))).toBe(typed)
  })

  test('formatting asks for the rich field', () => {
    expect(needsRichField('<p>plain</p><p></p>')).toBe(false)
    expect(needsRichField('<p><strong>x</strong></p>')).toBe(true)
  })

  test('empty paragraphs around a message are not sent', () => {
    expect(trimHtml('<p></p><p>a</p><p><br></p><p> </p>')).toBe('<p>a</p>')
    expect(trimHtml('<p></p>')).toBe('')
  })
})

describe('addresses', () => {
  test('only http, https and relative ones may be linked', () => {
    expect(['https://a.example/x', '/orders/7'].map(safeHref)).toEqual(['https://a.example/x', '/orders/7'])
    expect(['javascript:x()', 'data:text/html,x', '', null].map(safeHref)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  test('a typed link gets a scheme', () => {
    expect(['a.example', ' http://b.example ', 'javascript:x()', 'localhost:80', ''].map(withScheme)).toEqual([
      'https://a.example',
      'http://b.example',
      'https://x()',
      'https://localhost:80',
      '',
    ])
  })
})
