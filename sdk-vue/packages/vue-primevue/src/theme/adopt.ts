import css from '../style.css?inline'

/**
 * Brings the styles along, so that a host need not import `style.css`. A constructed sheet: a strict
 * Content-Security-Policy allows it.
 */
const styled = new WeakSet<Document | ShadowRoot>()

function adoptInto(tree: Document | ShadowRoot) {
  if (styled.has(tree)) return
  styled.add(tree)
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  tree.adoptedStyleSheets = [...tree.adoptedStyleSheets, sheet]
}

/** Once for the tree that `element` lives in, unless the host has brought style.css (which sets `--mtchat-prime-styled`). */
export function adoptPrimeStyles(element: HTMLElement): void {
  const tree = element.getRootNode()
  if (!(tree instanceof Document || tree instanceof ShadowRoot) || !('adoptedStyleSheets' in tree)) return
  if (!styled.has(tree) && getComputedStyle(element).getPropertyValue('--mtchat-prime-styled')) return
  adoptInto(tree)
  // Menus and dialogs are teleported out of a shadow tree into the page.
  adoptInto(document)
}
