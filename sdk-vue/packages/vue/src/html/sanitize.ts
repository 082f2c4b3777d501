/**
 * The only door from message HTML to the page. What may pass is the contract's list, and classes only of our own
 * names, so that a message cannot borrow the host's styles.
 */
import createDOMPurify, { type Config, type DOMPurify } from 'dompurify'

const TAGS = ['p', 'br', 'strong', 'em', 'u', 's', 'a', 'ul', 'ol', 'li', 'blockquote', 'code', 'pre', 'span']
const ATTRIBUTES = ['href', 'target', 'rel', 'class', 'data-type', 'data-id', 'data-label']

/** Older messages and other clients use these for the same marks; the server keeps them. */
const SYNONYMS: Record<string, string> = { B: 'strong', I: 'em', STRIKE: 's' }

const CLASSES: Record<string, RegExp> = {
  SPAN: /^mtchat-[\w-]+$/,
  CODE: /^(mtchat|language)-[\w-]+$/,
  PRE: /^(mtchat|language)-[\w-]+$/,
}

/** What the sanitiser lets pass. Both lists are always given: the built package has none of the library's own. */
export const LIMITS = {
  ALLOWED_TAGS: [...TAGS, 'b', 'i', 'strike'],
  ALLOWED_ATTR: ATTRIBUTES,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
} satisfies Config

let purifier: DOMPurify | undefined

function keepOwnClasses(element: Element) {
  const allowed = CLASSES[element.tagName]
  const kept = allowed ? [...element.classList].filter((name) => allowed.test(name)) : []
  if (kept.length > 0) element.className = kept.join(' ')
  else element.removeAttribute('class')
}

function secureLink(link: Element) {
  const href = link.getAttribute('href') ?? ''
  // A relative address would point into the host's pages.
  if (!/^https?:\/\//i.test(href)) link.removeAttribute('href')
  link.setAttribute('target', '_blank')
  link.setAttribute('rel', 'noopener noreferrer')
}

function getPurifier(): DOMPurify {
  if (purifier) return purifier
  // An instance of our own: hooks set on the shared one would change the host's sanitising.
  purifier = createDOMPurify(window)
  purifier.addHook('afterSanitizeAttributes', (element) => {
    if (element.hasAttribute('class')) keepOwnClasses(element)
    if (element.tagName === 'A') secureLink(element)
  })
  return purifier
}

function renameSynonyms(root: DocumentFragment) {
  for (const old of root.querySelectorAll('b, i, strike')) {
    const renamed = document.createElement(SYNONYMS[old.tagName] ?? 'span')
    renamed.append(...old.childNodes)
    old.replaceWith(renamed)
  }
}

function markMentions(root: DocumentFragment, userId: string) {
  for (const mention of root.querySelectorAll('span[data-type="mention"], span.mtchat-mention')) {
    mention.classList.add('mtchat-mention')
    if (mention.getAttribute('data-id') === userId) mention.classList.add('mtchat-mention--me')
  }
}

/**
 * Message HTML that is safe to put into the page.
 * @param userId whose mentions are marked as their own.
 */
export function sanitizeHtml(html: string, userId = ''): string {
  const fragment = getPurifier().sanitize(html, {
    ...LIMITS,
    RETURN_DOM_FRAGMENT: true,
  })
  renameSynonyms(fragment)
  markMentions(fragment, userId)
  const holder = document.createElement('div')
  holder.append(fragment)
  return holder.innerHTML
}
