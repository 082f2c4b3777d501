/**
 * Comparing message ids. They are UUIDv7, made in commit order: as lower-case text they sort as they were sent.
 * Nothing else here may assume what an id looks like.
 */
export function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** True when `a` stands after `b`; undefined is before everything. */
export function isAfter(a: string | undefined, b: string | undefined): boolean {
  return (a ?? '') > (b ?? '')
}

/** The later of two positions. */
export function laterId(a: string | undefined, b: string | undefined): string | undefined {
  return isAfter(a, b) ? a : b
}

/** Index of the first item whose id is not before `id`. */
export function lowerBound(items: readonly { id: string }[], id: string): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareIds(items[middle]!.id, id) < 0) low = middle + 1
    else high = middle
  }
  return low
}
