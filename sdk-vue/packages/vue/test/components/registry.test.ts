/** W56: replacing a primitive reskins the whole UI, because the UI is made of them. */
import { fireEvent, screen } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { defineComponent, h, ref, type Component } from 'vue'
import { expect, test, vi } from 'vitest'
import { defaultRegistry, type ComponentRegistry, type PartialRegistry } from '../../src'
import { mountChat, openDialog } from './mount'

/** A host's kit: each part notes that it was used, and passes everything on to the native one. */
function notingKit() {
  const used = new Set<string>()
  const { vTooltip, ...components } = defaultRegistry
  const noting = (name: string, native: Component) =>
    defineComponent({
      name: `Host${name}`,
      inheritAttrs: false,
      setup(_, { attrs, slots, expose }) {
        used.add(name)
        const inner = ref<Record<string, (...args: unknown[]) => void>>()
        const call =
          (method: string) =>
          (...args: unknown[]) =>
            inner.value?.[method]?.(...args)
        expose(Object.fromEntries(['toggle', 'show', 'hide', 'focus', 'select'].map((m) => [m, call(m)])))
        return () => h(native, { ...attrs, ref: inner }, slots)
      },
    })
  const kit: PartialRegistry = {
    ...Object.fromEntries(Object.entries(components).map(([name, native]) => [name, noting(name, native)])),
    vTooltip: {
      ...(vTooltip as object),
      created: () => void used.add('vTooltip'),
    } as ComponentRegistry['vTooltip'],
  }
  return { kit, used }
}

test('every primitive of the registry is used by the chat', async () => {
  const { kit, used } = notingKit()
  mountChat({ registry: kit })
  const row = await screen.findByRole('option', { name: /Order 118/ })
  await fireEvent.contextMenu(row)
  await screen.findByRole('menu')
  await userEvent.keyboard('{Escape}')
  await userEvent.click(await screen.findByRole('button', { name: /Archived/ }))
  await openDialog('Shipment 2071')
  await userEvent.click(await screen.findByRole('tab', { name: /Available/ }))
  await fireEvent.click(await screen.findByRole('option', { name: /Tender 9/ }))
  await userEvent.click(await screen.findByRole('button', { name: 'Join' }))
  await screen.findByRole('dialog')
  await vi.waitFor(() => expect(Object.keys(defaultRegistry).filter((name) => !used.has(name))).toEqual([]))
})
