import '@testing-library/jest-dom/vitest'

// jsdom lays nothing out, so there is nothing to observe.
if (typeof window !== 'undefined') {
  window.ResizeObserver ??= class {
    observe() {}
    unobserve() {}
    disconnect() {}
  }
}
