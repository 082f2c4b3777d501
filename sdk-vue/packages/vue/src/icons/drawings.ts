import { shallowRef } from 'vue'
import { startPaths } from './paths'

type Drawings = Record<string, string>

const drawings = shallowRef<Drawings>(startPaths)
let loading: Promise<void> | undefined

/** Fetches the drawings that are not here from the start. */
export function loadDrawings(): Promise<void> {
  loading ??= import('./laterPaths').then(
    ({ laterPaths }) => void (drawings.value = { ...startPaths, ...laterPaths }),
    // The next icon tries again; a button without its drawing still has its name.
    () => void (loading = undefined),
  )
  return loading
}

/** The drawing of that name: '' while it is fetched, undefined when there is none. */
export function drawingOf(name: string): string | undefined {
  const { value: known } = drawings
  if (name in known || known !== startPaths) return known[name]
  void loadDrawings()
  return ''
}
