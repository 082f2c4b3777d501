/**
 * HTML as a document that does nothing: it loads no image, runs no handler and no script, whatever it holds.
 * What is read from it is text, or goes through a schema or the sanitiser before it reaches the page.
 */
interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML: (html: string) => string }): { createHTML(html: string): string }
}

let policy: { createHTML(html: string): string } | undefined

function trusted(html: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  // Where the page demands Trusted Types, even an inert parser takes nothing else.
  policy ??= trustedTypes?.createPolicy('mtchat-inert', { createHTML: (text) => text }) ?? {
    createHTML: (text) => text,
  }
  return policy.createHTML(html)
}

export function parseInert(html: string): HTMLElement {
  return new DOMParser().parseFromString(trusted(html), 'text/html').body
}
