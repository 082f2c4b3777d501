import '@testing-library/jest-dom/vitest'
import { cleanup, configure } from '@testing-library/vue'
import { afterEach } from 'vitest'

// What is fetched on first use takes its time on a busy machine.
configure({ asyncUtilTimeout: 5000 })

afterEach(() => {
  cleanup()
  globalThis.localStorage?.clear()
})

// jsdom lays nothing out and has no media queries. Tests of the server side have no window at all.
if (typeof window !== 'undefined') {
  window.matchMedia ??= (query: string) =>
    Object.assign(new EventTarget(), {
      matches: false,
      media: query,
      onchange: null,
      addListener() {},
      removeListener() {},
    })
  Element.prototype.scrollIntoView ??= () => undefined
}
