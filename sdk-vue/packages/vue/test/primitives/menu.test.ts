import { fireEvent, render, screen } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { describe, expect, test, vi } from 'vitest'
import { defineComponent, h, ref } from 'vue'
import {
  MtContextMenu,
  MtMenu,
  type MtContextMenuExpose,
  type MtMenuExpose,
  type MtMenuItem,
} from '../../src/primitives'
import { place } from '../../src/primitives/Menu/place'
import { violations } from '../axe'

function mountMenu(items: MtMenuItem[], onSelect = vi.fn()) {
  const menu = ref<MtMenuExpose>()
  render(
    defineComponent(() => () => [
      h('button', { onClick: (event: Event) => menu.value?.toggle(event) }, 'Open'),
      h(MtMenu, { ref: menu, items, onSelect }),
    ]),
  )
  return { onSelect, trigger: screen.getByText('Open') }
}

const ITEMS: MtMenuItem[] = [
  { label: 'Pin' },
  { label: 'Mute', disabled: true },
  { label: 'x', separator: true },
  { label: 'Leave', danger: true },
]

describe('W45 MtMenu by keyboard', () => {
  test('opens on its first item and moves with the arrows past what is disabled', async () => {
    const { trigger } = mountMenu(ITEMS)
    await userEvent.click(trigger)
    await screen.findByRole('menu')
    await vi.waitFor(() => expect(screen.getByRole('menuitem', { name: 'Pin' })).toHaveFocus())
    await userEvent.keyboard('{ArrowDown}')
    expect(screen.getByRole('menuitem', { name: 'Leave' })).toHaveFocus()
    await userEvent.keyboard('{ArrowDown}')
    expect(screen.getByRole('menuitem', { name: 'Pin' })).toHaveFocus()
  })

  test('finds an item by its first letters', async () => {
    const { trigger } = mountMenu(ITEMS)
    await userEvent.click(trigger)
    await screen.findByRole('menu')
    await vi.waitFor(() => expect(screen.getByRole('menuitem', { name: 'Pin' })).toHaveFocus())
    await userEvent.keyboard('le')
    expect(screen.getByRole('menuitem', { name: 'Leave' })).toHaveFocus()
  })

  test('Escape closes it and gives the focus back', async () => {
    const { trigger } = mountMenu(ITEMS)
    await userEvent.click(trigger)
    await screen.findByRole('menu')
    await vi.waitFor(() => expect(screen.getByRole('menuitem', { name: 'Pin' })).toHaveFocus())
    await userEvent.keyboard('{Escape}')
    expect(screen.queryByRole('menu')).toBeNull()
    expect(trigger).toHaveFocus()
  })

  test('a choice is told and its command runs', async () => {
    const command = vi.fn()
    const { trigger, onSelect } = mountMenu([{ label: 'Pin', command }])
    await userEvent.click(trigger)
    await screen.findByRole('menu')
    await userEvent.click(screen.getByRole('menuitem', { name: 'Pin' }))
    expect(command).toHaveBeenCalledOnce()
    expect(onSelect).toHaveBeenCalledWith(expect.objectContaining({ label: 'Pin' }))
  })

  test('a press elsewhere closes it', async () => {
    const { trigger } = mountMenu(ITEMS)
    await userEvent.click(trigger)
    await screen.findByRole('menu')
    await fireEvent.pointerDown(document.body)
    expect(screen.queryByRole('menu')).toBeNull()
  })

  test('W49 axe finds nothing', async () => {
    const { trigger } = mountMenu(ITEMS)
    await userEvent.click(trigger)
    await screen.findByRole('menu')
    expect(await violations(document.body)).toEqual([])
  })
})

test('W12 a menu carries the theme it was given', async () => {
  const menu = ref<MtContextMenuExpose>()
  render(defineComponent(() => () => h(MtContextMenu, { ref: menu, items: ITEMS, theme: 'dark' })))
  menu.value?.show(new MouseEvent('contextmenu', { clientX: 5, clientY: 5 }))
  await vi.waitFor(() => expect(screen.getByRole('menu')).toBeVisible())
  expect(screen.getByRole('menu').closest('.mtchat-portal')).toHaveClass('mtchat--dark')
})

describe('place', () => {
  const view = { width: 400, height: 300 }
  const size = { width: 200, height: 100 }

  test('goes below its anchor', () => {
    expect(place({ top: 10, bottom: 40, left: 20, right: 60 }, size, 'left', view)).toEqual({ left: 20, top: 44 })
  })

  test('goes above where there is no room below, and stays inside the window', () => {
    expect(place({ top: 250, bottom: 280, left: 350, right: 390 }, size, 'left', view)).toEqual({ left: 192, top: 146 })
  })

  test('a point needs no gap', () => {
    expect(place({ top: 20, bottom: 20, left: 10, right: 10 }, size, 'left', view)).toEqual({ left: 10, top: 20 })
  })
})
