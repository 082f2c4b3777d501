/**
 * The sanitiser's lists of what may pass when nobody says so: we always say so (html/sanitize.ts), so they are weight
 * and nothing else. The lists its checks of namespaces rest on stay.
 */
const LISTS = ['html$1', 'html', 'svg', 'mathMl', 'xml']

/** The library's text with those lists empty. Throws when one is not found: then the library has changed. */
export function emptyUnusedDefaults(code) {
  return LISTS.reduce((text, name) => {
    const start = `const ${name} = freeze([`
    const from = text.indexOf(start)
    const to = text.indexOf(']);', from)
    if (from < 0 || to < 0) throw new Error(`the sanitiser has no list called ${name}`)
    return text.slice(0, from + start.length) + text.slice(to)
  }, code)
}

/** A plugin for vite. */
export function unusedDefaults() {
  return {
    name: 'mtchat-unused-defaults',
    transform(code, id) {
      return id.endsWith('/dompurify/dist/purify.es.mjs') ? { code: emptyUnusedDefaults(code), map: null } : undefined
    },
  }
}
