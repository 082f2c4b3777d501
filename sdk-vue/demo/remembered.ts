import { ref, watch, type Ref } from 'vue'

/** A choice of the visitor that survives a reload. */
export function remembered<T extends string>(name: string, choices: readonly T[]): Ref<T> {
  const kept = localStorage.getItem(`mtchat-demo.${name}`) as T | null
  const chosen = ref(kept && choices.includes(kept) ? kept : choices[0]) as Ref<T>
  watch(chosen, (value) => localStorage.setItem(`mtchat-demo.${name}`, value))
  return chosen
}
