/** The two kits that every promise about a primitive is held against: the chat's own parts and PrimeVue's. */
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
