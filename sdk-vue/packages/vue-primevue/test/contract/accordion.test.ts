/** The contract of the primitives (kits.ts): MtAccordion and MtAccordionPanel */
import { screen } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { describe, expect, test, vi } from 'vitest'
import { h, ref } from 'vue'
import { violations } from '../../../vue/test/axe'
import { clickAnyway, KITS, show } from '../kits'

describe.each(KITS)('$kit', ({ registry }) => {
  const { MtAccordion, MtAccordionPanel } = registry

  describe('MtAccordion', () => {
    function mountAccordion(first: string | string[], multiple: boolean) {
      const open = ref(first)
      show(() =>
        h(
          MtAccordion,
          {
            modelValue: open.value,
            multiple,
            'onUpdate:modelValue': (value: string | string[]) => (open.value = value),
          },
          () => [
            h(MtAccordionPanel, { value: 'a', header: 'Panel a' }, () => 'text a'),
            h(MtAccordionPanel, { value: 'b' }, { default: () => 'text b', header: () => 'Panel b' }),
            h(MtAccordionPanel, { value: 'c', header: 'Panel c', disabled: true }, () => 'text c'),
          ],
        ),
      )
      return open
    }
    const click = (name: string) => userEvent.click(screen.getByRole('button', { name }))

    test('opens one panel at a time, and closes it again', async () => {
      const open = mountAccordion('', false)
      expect(screen.queryByText('text a')).toBeNull()
      await click('Panel a')
      expect(open.value).toBe('a')
      await vi.waitFor(() => expect(screen.getByText('text a')).toBeVisible())
      expect(screen.getByRole('button', { name: 'Panel a' })).toHaveAttribute('aria-expanded', 'true')
      await click('Panel b')
      expect(open.value).toBe('b')
      await click('Panel b')
      expect(open.value).toBe('')
      await vi.waitFor(() => expect(screen.queryByText('text b')).toBeNull())
    })

    test('holds several where it may, and changes no list of the host', async () => {
      const given = ['a']
      const open = mountAccordion(given, true)
      await click('Panel b')
      expect(open.value).toEqual(['a', 'b'])
      expect(given).toEqual(['a'])
      await click('Panel a')
      expect(open.value).toEqual(['b'])
    })

    test('a disabled panel stays closed', async () => {
      const open = mountAccordion('', false)
      await clickAnyway(screen.getByRole('button', { name: 'Panel c' }))
      expect(open.value).toBe('')
    })

    test('W49 axe finds nothing', async () => {
      mountAccordion('a', false)
      await vi.waitFor(() => expect(screen.getByText('text a')).toBeVisible())
      expect(await violations(document.body)).toEqual([])
    })
  })
})
