import { computed, type ComputedRef } from 'vue'
import { useI18n } from '../i18n'

const MARK = '\u0000'

/**
 * What a text says before and after its `{name}`, each with a space towards it: for screen readers, where the name
 * itself stands on the screen and must be a part of what is read out.
 */
export function useAround(key: string): [before: ComputedRef<string>, after: ComputedRef<string>] {
  const { tt } = useI18n()
  const parts = computed(() => tt(key, { name: MARK }).split(MARK))
  return [computed(() => `${parts.value[0] ?? ''} `), computed(() => ` ${parts.value[1] ?? ''} `)]
}
