import { render, screen } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { describe, expect, test } from 'vitest'
import { defineComponent, h, ref } from 'vue'
import { MtButton, MtDialog } from '../../src/primitives'
import { violations } from '../axe'

function mountDialog(props: Record<string, unknown> = {}) {
  const visible = ref(false)
  render(
    defineComponent(() => () => [
      h('button', { onClick: () => (visible.value = true) }, 'Open'),
      h(
        MtDialog,
        {
          visible: visible.value,
          header: 'Leave',
          'onUpdate:visible': (value: boolean) => (visible.value = value),
          ...props,
        },
        {
          default: () => 'Sure?',
          footer: () => [h(MtButton, () => 'No'), h(MtButton, { 'data-autofocus': '' }, () => 'Yes')],
        },
      ),
    ]),
  )
  return { visible, trigger: screen.getByText('Open') }
}

describe('W45 MtDialog', () => {
  test('takes the focus to what it recommends and keeps it inside', async () => {
    const { trigger } = mountDialog()
    await userEvent.click(trigger)
    expect(screen.getByText('Yes')).toHaveFocus()
    await userEvent.tab()
    expect(screen.getByRole('dialog')).toContainElement(document.activeElement as HTMLElement)
    await userEvent.tab({ shift: true })
    expect(screen.getByText('Yes')).toHaveFocus()
  })

  test('Escape closes it and the focus returns', async () => {
    const { trigger, visible } = mountDialog()
    await userEvent.click(trigger)
    await userEvent.keyboard('{Escape}')
    expect(visible.value).toBe(false)
    expect(trigger).toHaveFocus()
  })

  test('one that is not closable stays', async () => {
    const { trigger, visible } = mountDialog({ closable: false })
    await userEvent.click(trigger)
    await userEvent.keyboard('{Escape}')
    expect(visible.value).toBe(true)
  })

  test('the page behind does not scroll while it is open', async () => {
    const { trigger } = mountDialog()
    await userEvent.click(trigger)
    expect(document.body.style.overflow).toBe('hidden')
    await userEvent.keyboard('{Escape}')
    expect(document.body.style.overflow).toBe('')
  })

  test('W49 axe finds nothing', async () => {
    const { trigger } = mountDialog()
    await userEvent.click(trigger)
    expect(screen.getByRole('dialog', { name: 'Leave' })).toBeVisible()
    expect(await violations(document.body)).toEqual([])
  })
})
