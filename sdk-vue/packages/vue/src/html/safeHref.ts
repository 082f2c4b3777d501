/**
 * An address the page may link to, or undefined: http, https and addresses relative to the host's page.
 * Anything else (`javascript:`, `data:`) would run in the host's page.
 */
export function safeHref(url: string | null | undefined): string | undefined {
  if (!url) return undefined
  try {
    const base = typeof location === 'undefined' ? 'https://localhost' : location.href
    const { protocol } = new URL(url, base)
    return protocol === 'https:' || protocol === 'http:' ? url : undefined
  } catch {
    return undefined
  }
}
