/** The contract of the primitives (kits.ts): MtCheckbox and MtRadioButton */
import { screen } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { describe, expect, test, vi } from 'vitest'
import { h, ref } from 'vue'
import { clickAnyway, KITS, show } from '../kits'

describe.each(KITS)('$kit', ({ registry }) => {
  const { MtCheckbox, MtRadioButton } = registry

  describe('choices', () => {
    test('MtCheckbox tells what was chosen, and shows what it is given', async () => {
      const checked = ref(false)
      show(() =>
        h(MtCheckbox, {
          modelValue: checked.value,
          label: 'Mail',
          name: 'mail',
          'onUpdate:modelValue': (value: boolean) => (checked.value = value),
        }),
      )
      const box = await screen.findByRole('checkbox', { name: 'Mail' })
      expect(box).not.toBeChecked()
      expect(box).toHaveAttribute('name', 'mail')
      await userEvent.click(screen.getByText('Mail'))
      expect(checked.value).toBe(true)
      await vi.waitFor(() => expect(box).toBeChecked())
    })

    test('MtRadioButton: one of a group, of any kind of value', async () => {
      const chosen = ref<unknown>(1)
      show(() =>
        [1, 'two'].map((value) =>
          h(MtRadioButton, {
            modelValue: chosen.value,
            value,
            name: 'group',
            label: `Choice ${value}`,
            'onUpdate:modelValue': (choice: unknown) => (chosen.value = choice),
          }),
        ),
      )
      expect(await screen.findByLabelText('Choice 1')).toBeChecked()
      await userEvent.click(screen.getByText('Choice two'))
      expect(chosen.value).toBe('two')
      await vi.waitFor(() => expect(screen.getByLabelText('Choice two')).toBeChecked())
      expect(screen.getByLabelText('Choice 1')).not.toBeChecked()
    })

    test('a disabled one cannot be chosen', async () => {
      const onUpdate = vi.fn()
      show(() => [
        h(MtCheckbox, { modelValue: false, label: 'Mail', disabled: true, 'onUpdate:modelValue': onUpdate }),
        h(MtRadioButton, { value: 1, label: 'One', disabled: true, 'onUpdate:modelValue': onUpdate }),
      ])
      await clickAnyway(await screen.findByLabelText('Mail'))
      await clickAnyway(await screen.findByLabelText('One'))
      expect(onUpdate).not.toHaveBeenCalled()
    })
  })
})
