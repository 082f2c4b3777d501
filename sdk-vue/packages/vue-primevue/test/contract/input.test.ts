/** The contract of the primitives (kits.ts): MtInput */
import { screen } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { describe, expect, test, vi } from 'vitest'
import { h, ref } from 'vue'
import type { MtInputExpose } from '@mtchat/vue'
import { KITS, show } from '../kits'

describe.each(KITS)('$kit', ({ registry }) => {
  const { MtInput } = registry

  describe('MtInput', () => {
    function mountInput(props: Record<string, unknown> = {}, slots = {}) {
      const value = ref('abc')
      const input = ref<MtInputExpose>()
      show(() =>
        h(
          MtInput,
          {
            ref: input,
            modelValue: value.value,
            'aria-label': 'Search',
            'onUpdate:modelValue': (text: string) => (value.value = text),
            ...props,
          },
          slots,
        ),
      )
      return { value, input, field: screen.getByLabelText<HTMLInputElement>('Search') }
    }

    test('is a text field that tells what is written, and follows what it is given', async () => {
      const { value, field } = mountInput({ placeholder: 'Find' })
      expect(field.type).toBe('text')
      expect(field.placeholder).toBe('Find')
      await userEvent.type(field, 'd')
      expect(value.value).toBe('abcd')
      value.value = 'x'
      await vi.waitFor(() => expect(field.value).toBe('x'))
    })

    test('has the type, and says that it is disabled or invalid', () => {
      const { field } = mountInput({ type: 'url', disabled: true, invalid: true })
      expect(field.type).toBe('url')
      expect(field).toBeDisabled()
      expect(field).toHaveAttribute('aria-invalid', 'true')
    })

    test('tells focus, keys and blur as they happened', async () => {
      const told: string[] = []
      const note = (event: Event) => told.push(event.type)
      const { field } = mountInput({ onFocus: note, onBlur: note, onKeydown: note })
      field.focus()
      await userEvent.keyboard('{Enter}')
      field.blur()
      expect(told).toEqual(['focus', 'keydown', 'blur'])
    })

    test('can be given the focus and have its text selected', () => {
      const { input, field } = mountInput()
      input.value?.focus()
      expect(field).toHaveFocus()
      input.value?.select()
      expect([field.selectionStart, field.selectionEnd]).toEqual([0, 3])
    })

    test('offers a way to empty it, while there is something', async () => {
      const onClear = vi.fn()
      const { value, field } = mountInput({ clearable: true, onClear })
      await userEvent.click(screen.getByRole('button'))
      expect(value.value).toBe('')
      expect(onClear).toHaveBeenCalledOnce()
      expect(field).toHaveFocus()
      await vi.waitFor(() => expect(screen.queryByRole('button')).toBeNull())
    })

    test('the way to empty it has a drawing of its own', () => {
      mountInput({ clearable: true })
      expect(screen.getByRole('button').querySelector('svg path')).not.toBeNull()
    })

    test('class and style are for the whole of it, the rest for the field; something may stand before it', () => {
      const { field } = mountInput({ class: 'mine', style: 'width: 90px', maxlength: 5 }, { prefix: () => h('b', 'P') })
      const frame = document.querySelector('.mine')
      expect(frame).toContainElement(field)
      expect(frame).toHaveStyle({ width: '90px' })
      expect(frame).toContainElement(screen.getByText('P'))
      expect(field).not.toHaveClass('mine')
      expect(field).toHaveAttribute('maxlength', '5')
    })
  })
})
