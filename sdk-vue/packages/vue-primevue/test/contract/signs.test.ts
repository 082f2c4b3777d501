/** The contract of the primitives (kits.ts): What only shows something: MtTag, MtSpinner, vTooltip */
import { screen } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { describe, expect, test, vi } from 'vitest'
import { h, nextTick, ref, withDirectives } from 'vue'
import type { MtTooltipOptions } from '@mtchat/vue'
import { violations } from '../../../vue/test/axe'
import { KITS, show } from '../kits'

describe.each(KITS)('$kit', ({ registry }) => {
  const { MtSpinner, MtTag, vTooltip } = registry

  test('MtTag shows its value', () => {
    show(() => h(MtTag, { value: 'Order 7' }))
    expect(screen.getByText('Order 7')).toBeVisible()
  })

  test.each([
    [undefined, '32px'],
    [20, '20px'],
    ['2em', '2em'],
  ])('MtSpinner is a status with a name; size %s is %s', async (size, length) => {
    show(() => h(MtSpinner, { label: 'Loading', ...(size ? { size } : {}) }))
    const status = screen.getByRole('status')
    expect(status).toHaveTextContent('Loading')
    expect((status.firstElementChild as HTMLElement).style.width).toBe(length)
    expect(await violations(document.body)).toEqual([])
  })

  describe('vTooltip', () => {
    const textOf = (element: HTMLElement) => element.title || document.querySelector('[role=tooltip]')?.textContent

    test.each<string | MtTooltipOptions>(['Pinned', { value: 'Pinned', position: 'left', showDelay: 1, hideDelay: 1 }])(
      'tells %o to a pointer that rests, until there is nothing to tell',
      async (value) => {
        const text = ref<string | MtTooltipOptions | undefined>(value)
        show(() => withDirectives(h('i', 'x'), [[vTooltip, text.value]]))
        await userEvent.hover(screen.getByText('x'))
        await vi.waitFor(() => expect(textOf(screen.getByText('x'))).toBe('Pinned'))
        await userEvent.unhover(screen.getByText('x'))
        text.value = undefined
        await nextTick()
        await userEvent.hover(screen.getByText('x'))
        await new Promise((done) => setTimeout(done, 500))
        expect(textOf(screen.getByText('x'))).toBeFalsy()
      },
    )

    test('follows its text', async () => {
      const text = ref('Pinned')
      show(() => withDirectives(h('i', 'x'), [[vTooltip, text.value]]))
      text.value = 'Muted'
      await nextTick()
      await userEvent.hover(screen.getByText('x'))
      await vi.waitFor(() => expect(textOf(screen.getByText('x'))).toBe('Muted'))
    })
  })
})
