import { computed, inject, provide, type ComputedRef, type InjectionKey, type Ref } from 'vue'

const KEY: InjectionKey<Ref<boolean>> = Symbol('mtchat-tab-stop')

/** Tab goes through the links and buttons of one message only, the one that the arrows have reached. */
export function provideTabStop(isTabStop: Ref<boolean>): void {
  provide(KEY, isTabStop)
}

/** `tabindex` of what can be pressed inside a message. */
export function useTabStop(): ComputedRef<0 | -1> {
  const isTabStop = inject(KEY, undefined)
  return computed(() => (isTabStop?.value === false ? -1 : 0))
}
