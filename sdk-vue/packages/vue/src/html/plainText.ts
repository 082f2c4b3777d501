import { bounded } from './bounded'
import { parseInert } from './inert'

const cache = bounded<string>(400)
const BLOCKS = 'p, br, li, blockquote, pre, div'

function parse(html: string): string {
  const body = parseInert(html)
  for (const element of body.querySelectorAll('script, style, template')) element.remove()
  for (const block of body.querySelectorAll(BLOCKS)) block.after(' ')
  return (body.textContent ?? '').replace(/\s+/g, ' ').trim()
}

/** The text of a message without its markup, on one line: for previews, quotes and the clipboard. */
export function htmlToText(html: string): string {
  if (!/[<&]/.test(html)) return html.replace(/\s+/g, ' ').trim()
  if (typeof DOMParser === 'undefined')
    return html
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim()
  return cache(html, () => parse(html))
}

/** The text with its lines kept: what "copy text" puts on the clipboard and what a plain editor starts from. */
export function htmlToLines(html: string): string {
  const body = parseInert(html)
  for (const item of body.querySelectorAll('li')) item.prepend('- ')
  for (const lineBreak of body.querySelectorAll('br')) lineBreak.replaceWith('\n')
  for (const block of body.querySelectorAll('p, li, blockquote, pre')) block.after('\n')
  return (body.textContent ?? '').replace(/\n{3,}/g, '\n\n').trim()
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Typed lines as the HTML the server stores: a paragraph per line. */
export function linesToHtml(text: string): string {
  const escaped = text.replace(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign)
  return escaped
    .split('\n')
    .map((line) => `<p>${line}</p>`)
    .join('')
}

/** True when the HTML shows nothing. */
export function isEmptyHtml(html: string): boolean {
  return htmlToText(html) === ''
}
