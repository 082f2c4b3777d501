import { markRaw, ref, shallowRef, type Component, type Ref } from 'vue'
import type { Selection } from './field'

interface Plain {
  settled(): Promise<void>
  selection(): Selection | null
}

/**
 * Fetches the rich field on first use and puts it in the place of the plain one, with the text, the cursor and the
 * focus that are there at that moment. When it cannot be fetched, the plain one goes on working.
 */
export function useRichField(plain: Ref<Plain | null>) {
  const RichField = shallowRef<Component | null>(null)
  /** Where the cursor goes in the new field; null: it was not in the old one. */
  const start = ref<Selection | null>(null)
  let loading: Promise<void> | undefined

  async function load() {
    try {
      const { default: component } = await import('../Editor/RichEditor.vue')
      await plain.value?.settled()
      start.value = plain.value?.selection() ?? null
      RichField.value = markRaw(component)
    } catch (error) {
      loading = undefined
      console.warn('[MTChat] the editor could not be loaded', error)
    }
  }

  return { RichField, start, wake: () => (loading ??= load()) }
}
