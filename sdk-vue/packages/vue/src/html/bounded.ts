/** A cache of at most `size` answers that drops the oldest; for pure functions of a string. */
export function bounded<Value>(size: number): (key: string, make: () => Value) => Value {
  const known = new Map<string, Value>()
  return (key, make) => {
    const hit = known.get(key)
    if (hit !== undefined) return hit
    const made = make()
    known.set(key, made)
    if (known.size > size) known.delete(known.keys().next().value as string)
    return made
  }
}
