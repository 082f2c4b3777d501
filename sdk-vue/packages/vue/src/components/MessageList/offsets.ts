/** Where each row of a list stands, from heights that are measured or estimated. Pure. */

export interface Keyed {
  key: string
}

export class Offsets {
  private readonly tops: Float64Array
  private readonly index = new Map<string, number>()
  readonly count: number

  constructor(rows: readonly Keyed[], heightOf: (index: number) => number) {
    this.count = rows.length
    this.tops = new Float64Array(rows.length + 1)
    for (let i = 0; i < rows.length; i++) {
      this.tops[i + 1] = (this.tops[i] as number) + heightOf(i)
      this.index.set((rows[i] as Keyed).key, i)
    }
  }

  /** Distance of the row's upper edge from the top of the list, in pixels; of index `count`: the height of all. */
  top(index: number): number {
    return this.tops[Math.max(0, Math.min(index, this.count))] as number
  }

  get total(): number {
    return this.top(this.count)
  }

  /** Index of a key, or -1. */
  indexOf(key: string): number {
    return this.index.get(key) ?? -1
  }

  /** Index of the row that covers the pixel `y`; the first or last one when `y` is outside. */
  at(y: number): number {
    let low = 0
    let high = this.count - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.tops[middle + 1] as number) > y) high = middle
      else low = middle + 1
    }
    return Math.max(0, low)
  }
}
