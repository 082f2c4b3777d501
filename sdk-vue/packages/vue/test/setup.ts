import '@testing-library/jest-dom/vitest'
import { cleanup, configure } from '@testing-library/vue'
import { afterEach } from 'vitest'

// A busy machine is slow, not wrong: chunks are compiled when they are first asked for.
configure({ asyncUtilTimeout: 15_000 })

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
