import axe from 'axe-core'

/**
 * What axe finds wrong in an element, as readable lines; [] when nothing.
 * Contrast is not looked at: jsdom paints nothing. It is checked in theme.test.ts.
 */
export async function violations(element: Element): Promise<string[]> {
  const { violations: found } = await axe.run(element, {
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
  })
  return found.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`),
  )
}
