import Tooltip from 'primevue/tooltip'
import type { Directive, DirectiveBinding } from 'vue'
import type { MtTooltipOptions } from '@mtchat/vue'

type Value = string | MtTooltipOptions | undefined
type Hook = 'created' | 'beforeMount' | 'mounted' | 'beforeUpdate' | 'updated' | 'beforeUnmount' | 'unmounted'

/** Milliseconds: a pointer that only passes by is told nothing. */
const SHOW_DELAY = 400

const prime = Tooltip as Record<
  Hook,
  ((element: HTMLElement, binding: DirectiveBinding, ...nodes: unknown[]) => void) | undefined
>

const textOf = (value: Value) => (typeof value === 'string' ? value : value?.value)

/** Our options in PrimeVue's words: it takes the position as a modifier. */
function translated(binding: DirectiveBinding<Value>): DirectiveBinding {
  const { value } = binding
  const { position = 'top', showDelay = SHOW_DELAY, hideDelay = 0 } = typeof value === 'object' ? value : {}
  const text = textOf(value)
  return {
    ...binding,
    value: text ? { value: text, showDelay, hideDelay } : undefined,
    modifiers: { [position]: true },
  } as unknown as DirectiveBinding
}

const passOn =
  (hook: Hook) =>
  (element: HTMLElement, binding: DirectiveBinding<Value>, ...nodes: unknown[]) =>
    prime[hook]?.(element, translated(binding), ...nodes)

/** PrimeVue's tooltip. It comes along: the host need not register a directive. */
export const vTooltip: Directive<HTMLElement, Value> = {
  created: passOn('created'),
  beforeMount: passOn('beforeMount'),
  mounted: passOn('mounted'),
  beforeUpdate: passOn('beforeUpdate'),
  updated(element, binding, ...nodes) {
    // Each update takes an open tooltip away: only for another text.
    if (textOf(binding.value) !== textOf(binding.oldValue ?? undefined)) passOn('updated')(element, binding, ...nodes)
  },
  beforeUnmount: passOn('beforeUnmount'),
  unmounted: passOn('unmounted'),
  getSSRProps: () => ({}),
}
