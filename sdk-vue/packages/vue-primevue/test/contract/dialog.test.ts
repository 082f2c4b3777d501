/** The contract of the primitives (kits.ts): MtDialog */
import { fireEvent, screen } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { describe, expect, test, vi } from 'vitest'
import { h, ref } from 'vue'
import { violations } from '../../../vue/test/axe'
import { KITS, show } from '../kits'

describe.each(KITS)('$kit', ({ registry }) => {
  const { MtButton, MtDialog } = registry

  describe('MtDialog', () => {
    function mountDialog(props: Record<string, unknown> = {}) {
      const visible = ref(false)
      const onClose = vi.fn()
      show(() => [
        h('button', { onClick: () => (visible.value = true) }, 'Open'),
        h(
          MtDialog,
          {
            visible: visible.value,
            header: 'Leave',
            'onUpdate:visible': (value: boolean) => (visible.value = value),
            onClose,
            ...props,
          },
          {
            default: () => 'Sure?',
            footer: () => [h(MtButton, () => 'No'), h(MtButton, { 'data-autofocus': '' }, () => 'Yes')],
          },
        ),
      ])
      return { visible, onClose, trigger: screen.getByText('Open') }
    }

    async function open(trigger: HTMLElement) {
      await userEvent.click(trigger)
      const dialog = await screen.findByRole('dialog')
      await vi.waitFor(() => expect(dialog).toContainElement(document.activeElement as HTMLElement))
      // Whatever moves at the end of an entrance has moved.
      await new Promise((done) => setTimeout(done, 100))
      return dialog
    }

    test('has a name, its slots, and the width it may have', async () => {
      const { trigger } = mountDialog({ maxWidth: '380px', class: 'mine' })
      const dialog = await open(trigger)
      expect(screen.getByRole('dialog', { name: 'Leave' })).toBe(dialog)
      expect(dialog).toHaveTextContent('Sure?')
      expect(dialog).toHaveStyle({ maxWidth: '380px' })
      expect(dialog).toHaveClass('mine')
      expect(screen.getByRole('button', { name: 'Yes' })).toBeVisible()
    })

    test('W45 takes the focus to what it recommends, leaves it there, and keeps it inside', async () => {
      const { trigger } = mountDialog()
      const dialog = await open(trigger)
      expect(screen.getByText('Yes').closest('button')).toHaveFocus()
      for (let step = 0; step < 4; step++) {
        await userEvent.tab()
        expect(dialog).toContainElement(document.activeElement as HTMLElement)
      }
    })

    test('W45 does not take the focus from what has taken it', async () => {
      const visible = ref(false)
      show(() => [
        h('button', { onClick: () => (visible.value = true) }, 'Open'),
        h(MtDialog, { visible: visible.value, header: 'Link' }, () => h('input', { 'aria-label': 'Address' })),
      ])
      await userEvent.click(screen.getByText('Open'))
      const field = await screen.findByRole('textbox')
      field.focus()
      await new Promise((done) => setTimeout(done, 100))
      expect(field).toHaveFocus()
    })

    test('Escape closes it, tells so once, and the focus returns', async () => {
      const { trigger, visible, onClose } = mountDialog()
      await open(trigger)
      await userEvent.keyboard('{Escape}')
      expect(visible.value).toBe(false)
      expect(onClose).toHaveBeenCalledOnce()
      expect(trigger).toHaveFocus()
    })

    test('W45 the focus also returns when the whole dialog is taken away', async () => {
      const there = ref(false)
      show(() => [
        h('button', { onClick: () => (there.value = true) }, 'Open'),
        there.value ? h(MtDialog, { visible: true, header: 'Leave', onClose: () => (there.value = false) }) : null,
      ])
      await userEvent.click(screen.getByText('Open'))
      await screen.findByRole('dialog')
      await userEvent.click(await screen.findByRole('button', { name: 'Close' }))
      expect(screen.queryByRole('dialog')).toBeNull()
      expect(screen.getByText('Open')).toHaveFocus()
    })

    test('its button closes it', async () => {
      const { trigger, visible, onClose } = mountDialog()
      await open(trigger)
      await userEvent.click(screen.getByRole('button', { name: 'Close' }))
      expect(visible.value).toBe(false)
      expect(onClose).toHaveBeenCalledOnce()
    })

    test.each([
      [{ modal: true }, false],
      [{ modal: false }, true],
      [{ closable: false }, true],
    ])('%o: after a press outside it is still open: %s', async (props, stays) => {
      const { trigger, visible } = mountDialog(props)
      const dialog = await open(trigger)
      const outside = dialog.parentElement as HTMLElement
      for (const type of ['pointerDown', 'mouseDown', 'mouseUp', 'click'] as const) await fireEvent[type](outside)
      expect(visible.value).toBe(stays)
    })

    test('one that is not closable has no button and obeys no Escape', async () => {
      const { trigger, visible } = mountDialog({ closable: false })
      await open(trigger)
      await userEvent.keyboard('{Escape}')
      expect(visible.value).toBe(true)
      expect(screen.queryByRole('button', { name: 'Close' })).toBeNull()
    })

    test('the page behind does not scroll while it is open', async () => {
      const { trigger } = mountDialog()
      await open(trigger)
      expect(document.body.style.overflow).toBe('hidden')
      await userEvent.keyboard('{Escape}')
      expect(document.body.style.overflow).toBe('')
    })

    test('W12 carries the theme it was given', async () => {
      const { trigger } = mountDialog({ theme: 'dark' })
      const dialog = await open(trigger)
      expect(dialog.closest('.mtchat-portal')).toHaveClass('mtchat--dark')
    })

    test.each([
      ['with a header', {}, 'Leave'],
      ['without', { header: undefined, 'aria-label': 'Sure?' }, 'Sure?'],
    ])('W49 axe finds nothing, %s', async (_, props, name) => {
      const { trigger } = mountDialog(props)
      await open(trigger)
      expect(screen.getByRole('dialog', { name })).toBeVisible()
      expect(await violations(document.body)).toEqual([])
    })
  })
})
