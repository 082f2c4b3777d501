/**
 * Brings the styles along, so that a host need not import `style.css`. No `<style>` element and no inline attribute:
 * a constructed sheet is allowed by a strict Content-Security-Policy.
 */
const adopted = new WeakMap<Document | ShadowRoot, Set<string>>()

function adoptInto(tree: Document | ShadowRoot, css: string) {
  const known = adopted.get(tree) ?? new Set()
  if (known.has(css)) return
  adopted.set(tree, known.add(css))
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  // Before the others: sheets that a host adopts come after ours and win.
  const ours = known.size - 1
  tree.adoptedStyleSheets = tree.adoptedStyleSheets.toSpliced(ours, 0, sheet)
}

/**
 * Adopts a sheet into the tree that `element` lives in, once, unless the host has brought style.css itself
 * (that one sets `--mtchat-styled` on every root).
 */
export function adoptStyles(element: HTMLElement, css: string): void {
  const tree = element.getRootNode()
  if (!(tree instanceof Document || tree instanceof ShadowRoot) || !('adoptedStyleSheets' in tree)) return
  if (!adopted.has(tree) && getComputedStyle(element).getPropertyValue('--mtchat-styled')) return
  adoptInto(tree, css)
  // Menus and dialogs are teleported out of a shadow tree into the page.
  if (tree instanceof ShadowRoot) adoptInto(document, css)
}

/** True where a chat has brought its styles. */
export const hasAdopted = (tree: Document | ShadowRoot): boolean => adopted.has(tree)
