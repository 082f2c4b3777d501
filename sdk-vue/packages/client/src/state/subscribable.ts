/** Something that tells its listeners that it changed. */
export class Subscribable {
  private readonly listeners = new Set<() => void>()

  /** Returns the unsubscriber. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  protected notify(): void {
    for (const listener of [...this.listeners]) listener()
  }
}

/** A record of values: `set` replaces some and tells, but only if one is another value than before. */
export class Store<S extends object> extends Subscribable {
  constructor(private current: S) {
    super()
  }

  get state(): Readonly<S> {
    return this.current
  }

  set(change: Partial<S>): void {
    const keys = Object.keys(change) as (keyof S)[]
    if (keys.every((key) => Object.is(change[key], this.current[key]))) return
    this.current = { ...this.current, ...change }
    this.notify()
  }
}
