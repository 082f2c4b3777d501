import { afterEach, describe, expect, test, vi } from 'vitest'
import { configOf } from '../people'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

describe('W16: on a server', () => {
  test('importing and making a chat touches no global of a browser, and asks for nothing', async () => {
    const touched: string[] = []
    for (const name of [
      'window',
      'document',
      'navigator',
      'location',
      'localStorage',
      'WebSocket',
      'XMLHttpRequest',
      'fetch',
    ]) {
      const before = Object.getOwnPropertyDescriptor(globalThis, name)
      Object.defineProperty(globalThis, name, { configurable: true, get: () => void touched.push(name) })
      afterEachOnce(() => {
        if (before) Object.defineProperty(globalThis, name, before)
        else delete (globalThis as Record<string, unknown>)[name]
      })
    }
    const { Chat } = await import('../../src/state')
    const chat = new Chat(configOf('anna', { baseUrl: '/relative' }), { dialogId: 'd' })
    const seen = [...touched]
    restore()
    expect(seen).toEqual([])
    expect(chat.store.state.messages).toEqual([])
  })
})

const undo: (() => void)[] = []
const afterEachOnce = (step: () => void) => undo.push(step)
const restore = () => undo.splice(0).forEach((step) => step())
