/** The contract of the primitives (kits.ts): MtButton */
import { screen } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { describe, expect, test, vi } from 'vitest'
import { h } from 'vue'
import { KITS, show } from '../kits'

describe.each(KITS)('$kit', ({ registry }) => {
  const { MtButton } = registry

  describe('MtButton', () => {
    test.each(['primary', 'secondary', 'danger', 'ghost', 'text'])(
      '%s: shows its slot and tells a click',
      async (variant) => {
        const onClick = vi.fn()
        show(() => h(MtButton, { variant, onClick }, () => 'Save'))
        await userEvent.click(screen.getByRole('button', { name: 'Save' }))
        expect(onClick).toHaveBeenCalledOnce()
        expect(onClick.mock.lastCall?.[0]).toBeInstanceOf(MouseEvent)
      },
    )

    test('submits no form unless it is told to', () => {
      show(() => [h(MtButton, () => 'A'), h(MtButton, { type: 'submit' }, () => 'B')])
      expect(screen.getAllByRole<HTMLButtonElement>('button').map(({ type }) => type)).toEqual(['button', 'submit'])
    })

    test('takes no click while it is loading, and keeps the focus', async () => {
      const onClick = vi.fn()
      show(() => h(MtButton, { loading: true, onClick }, () => 'Save'))
      const button = screen.getByRole('button', { name: 'Save' })
      await userEvent.click(button)
      expect(onClick).not.toHaveBeenCalled()
      expect(button).toHaveFocus()
      expect(button).toHaveAttribute('aria-busy', 'true')
    })

    test('takes no click while it is disabled', async () => {
      const onClick = vi.fn()
      show(() => h(MtButton, { disabled: true, onClick }, () => 'Save'))
      await userEvent.click(screen.getByRole('button', { name: 'Save' }))
      expect(onClick).not.toHaveBeenCalled()
    })

    test('a lone icon is named by its title, or by a name of its own', () => {
      show(() => [
        h(MtButton, { icon: true, title: 'Reply' }, () => h('svg')),
        h(MtButton, { icon: true, title: 'Edit (E)', 'aria-label': 'Edit' }, () => h('svg')),
      ])
      expect(screen.getByRole('button', { name: 'Reply' })).toBeVisible()
      expect(screen.getByRole('button', { name: 'Edit' })).toBeVisible()
    })

    test('passes attributes to the button itself', () => {
      show(() => h(MtButton, { class: 'mine', 'aria-pressed': true, 'data-autofocus': '' }, () => 'Bold'))
      const button = screen.getByRole('button', { pressed: true })
      expect(button).toHaveClass('mine')
      expect(button).toHaveAttribute('data-autofocus')
    })
  })
})
