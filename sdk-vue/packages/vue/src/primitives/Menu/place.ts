/** Distance kept from the edges of the window, in pixels. */
const MARGIN = 8

export interface Anchor {
  top: number
  bottom: number
  left: number
  right: number
}

/**
 * Where a floating box of the given size goes: below the anchor with the ends aligned, above it when there is no room
 * below, and never over the edge of the window.
 * @param align which side of the anchor the box starts from.
 * @returns pixels for `left` and `top` of a fixed box.
 */
export function place(
  anchor: Anchor,
  size: { width: number; height: number },
  align: 'left' | 'right' = 'left',
  view = { width: window.innerWidth, height: window.innerHeight },
): { left: number; top: number } {
  const gap = anchor.top === anchor.bottom ? 0 : 4
  const below = anchor.bottom + gap
  const above = anchor.top - gap - size.height
  const fitsBelow = below + size.height <= view.height - MARGIN
  const top = fitsBelow || above < MARGIN ? below : above
  const left = align === 'left' ? anchor.left : anchor.right - size.width
  const clamp = (value: number, length: number, limit: number) =>
    Math.max(MARGIN, Math.min(value, limit - MARGIN - length))
  return { left: clamp(left, size.width, view.width), top: clamp(top, size.height, view.height) }
}
