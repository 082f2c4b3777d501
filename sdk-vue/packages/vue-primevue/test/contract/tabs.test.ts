/** The contract of the primitives (kits.ts): MtTabs and MtTab */
import { screen } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { describe, expect, test, vi } from 'vitest'
import { h, ref } from 'vue'
import { violations } from '../../../vue/test/axe'
import { KITS, show } from '../kits'

describe.each(KITS)('$kit', ({ registry }) => {
  const { MtTab, MtTabs } = registry

  describe('MtTabs', () => {
    function mountTabs() {
      const tab = ref('a')
      const onUpdate = vi.fn((value: string) => (tab.value = value))
      show(() =>
        h(
          MtTabs,
          { class: 'mine', modelValue: tab.value, 'aria-label': 'Lists', 'onUpdate:modelValue': onUpdate },
          () => [
            h(MtTab, { value: 'a', label: 'Mine', badge: 3 }),
            h(MtTab, { value: 'b', label: 'Others', badge: 0 }),
            h(MtTab, { value: 'c', label: 'Closed', disabled: true }),
            h(MtTab, { value: 'd' }, () => 'Own words'),
          ],
        ),
      )
      return { onUpdate, list: screen.getByRole('tablist', { name: 'Lists' }), tabs: screen.getAllByRole('tab') }
    }

    test('show labels, badges that are not zero, and what a host puts in', () => {
      const { tabs, list } = mountTabs()
      expect(tabs.map(({ textContent }) => textContent?.trim())).toEqual(['Mine3', 'Others', 'Closed', 'Own words'])
      expect(list.closest('.mine')).not.toBeNull()
    })

    test('tell a choice once, and not that of the chosen one', async () => {
      const { tabs, onUpdate } = mountTabs()
      await userEvent.click(tabs[0]!)
      expect(onUpdate).not.toHaveBeenCalled()
      await userEvent.click(tabs[1]!)
      expect(onUpdate).toHaveBeenCalledExactlyOnceWith('b')
      await vi.waitFor(() => expect(tabs[1]).toHaveAttribute('aria-selected', 'true'))
    })

    test('W45 move by arrow keys past what is disabled, with one tab stop', async () => {
      const { tabs, onUpdate } = mountTabs()
      expect(tabs.map(({ tabIndex }) => tabIndex)).toEqual([0, -1, -1, -1])
      tabs[0]?.focus()
      await userEvent.keyboard('{ArrowRight}{ArrowRight}')
      expect(tabs[3]).toHaveFocus()
      expect(onUpdate).toHaveBeenLastCalledWith('d')
    })

    test('W49 axe finds nothing', async () => {
      mountTabs()
      expect(await violations(document.body)).toEqual([])
    })
  })
})
