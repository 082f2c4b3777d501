/**
 * The two kits that the contract of the primitives is held against: the chat's own parts and PrimeVue's. What the chat
 * relies on in a primitive, its props, events, slots and exposed methods, both must do alike, so either may stand for the
 * other. One file in contract/ for each kind of primitive.
 */
import userEvent from '@testing-library/user-event'
import { render } from '@testing-library/vue'
import PrimeVue from 'primevue/config'
import { defineComponent, type VNodeChild } from 'vue'
import { defaultRegistry, loadLocale, provideI18n } from '@mtchat/vue'
import { primevueRegistry } from '../src'

export const KITS = [
  { kit: 'native', registry: defaultRegistry },
  { kit: 'PrimeVue', registry: primevueRegistry },
]

/** What a host of PrimeVue has installed. Real transitions: PrimeVue does half of its work in their hooks. */
export const host = { plugins: [PrimeVue], stubs: { transition: false } }

await loadLocale('en')

/** Renders what `view` returns, again whenever something it reads changes. */
export const show = (view: () => VNodeChild) =>
  render(
    defineComponent(() => {
      provideI18n(() => 'en')
      return view
    }),
    { global: host },
  )

/** A click that a style sheet might hold off; where PrimeVue is unstyled there is none that does. */
export const clickAnyway = (element: Element) => userEvent.setup({ pointerEventsCheck: 0 }).click(element)
