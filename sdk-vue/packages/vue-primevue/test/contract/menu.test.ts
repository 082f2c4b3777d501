/** The contract of the primitives (kits.ts): MtMenu and MtContextMenu */
import { fireEvent, screen } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { describe, expect, test, vi } from 'vitest'
import { h, nextTick, ref } from 'vue'
import type { MtContextMenuExpose, MtMenuExpose, MtMenuItem } from '@mtchat/vue'
import { violations } from '../../../vue/test/axe'
import { clickAnyway, KITS, show } from '../kits'

describe.each(KITS)('$kit', ({ registry }) => {
  const { MtContextMenu, MtMenu } = registry

  const ITEMS: MtMenuItem[] = [
    { label: 'Pin', icon: 'pin' },
    { label: 'Mute', disabled: true },
    { label: 'x', separator: true },
    { label: 'Leave', danger: true },
  ]

  /** The item that the keyboard is at: the focused one, or the one that the focused list names. */
  function activeItem(): string | null | undefined {
    const focused = document.activeElement
    const id = focused?.getAttribute('aria-activedescendant')
    const item = id ? document.getElementById(id) : focused
    return item?.getAttribute('role') === 'menuitem' ? item.textContent : null
  }

  describe.each(['MtMenu', 'MtContextMenu'] as const)('%s', (name) => {
    function mountMenu(items = ITEMS, props: Record<string, unknown> = {}, slots = {}) {
      const menu = ref<MtMenuExpose & MtContextMenuExpose>()
      const onSelect = vi.fn()
      const onHide = vi.fn()
      const there = ref(true)
      show(() => [
        h('button', { onClick: (event: MouseEvent) => menu.value?.show(event) }, 'Open'),
        h('button', 'Elsewhere'),
        there.value ? h(registry[name], { ref: menu, items, onSelect, onHide, ...props }, slots) : null,
      ])
      return { menu, onSelect, onHide, there, trigger: screen.getByText('Open') }
    }

    async function open(trigger: HTMLElement) {
      await userEvent.click(trigger)
      const items = await screen.findAllByRole('menuitem')
      await vi.waitFor(() =>
        expect(items[0]?.closest('[role=menu], [role=menubar]')).toContainElement(
          document.activeElement as HTMLElement,
        ),
      )
      await nextTick()
      return items
    }

    test('shows its items in order, what is disabled as such, and lines between them', async () => {
      const { trigger } = mountMenu()
      const items = await open(trigger)
      expect(items.map(({ textContent }) => textContent?.trim())).toEqual(['Pin', 'Mute', 'Leave'])
      expect(screen.getAllByRole('separator')).toHaveLength(1)
      expect(items[1]?.matches(':disabled, [aria-disabled=true]')).toBe(true)
      expect(items[0]?.querySelector('svg')).not.toBeNull()
    })

    test('a choice closes it, is told once, runs its command, and the focus returns', async () => {
      const command = vi.fn()
      const { trigger, onSelect, onHide } = mountMenu([{ label: 'Pin', command }])
      await open(trigger)
      await userEvent.click(screen.getByText('Pin'))
      expect(command).toHaveBeenCalledOnce()
      expect(onSelect).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ label: 'Pin' }))
      await vi.waitFor(() => expect(screen.queryByRole('menuitem')).toBeNull())
      expect(onHide).toHaveBeenCalledOnce()
      expect(trigger).toHaveFocus()
    })

    test('a disabled item cannot be chosen', async () => {
      const command = vi.fn()
      const { trigger, onSelect } = mountMenu([{ label: 'Pin' }, { label: 'Mute', disabled: true, command }])
      await open(trigger)
      await clickAnyway(screen.getByText('Mute'))
      expect(command).not.toHaveBeenCalled()
      expect(onSelect).not.toHaveBeenCalled()
    })

    test('W45 the keyboard moves past what is disabled and chooses', async () => {
      const { trigger, onSelect } = mountMenu()
      await open(trigger)
      await userEvent.keyboard('{Home}')
      expect(activeItem()).toContain('Pin')
      await userEvent.keyboard('{ArrowDown}')
      expect(activeItem()).toContain('Leave')
      await userEvent.keyboard('{Enter}')
      expect(onSelect).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ label: 'Leave' }))
      expect(trigger).toHaveFocus()
    })

    test('W45 letters find an item', async () => {
      const { trigger } = mountMenu()
      await open(trigger)
      await userEvent.keyboard('le')
      expect(activeItem()).toContain('Leave')
    })

    test('W45 Escape closes it, gives the focus back, and goes no further', async () => {
      const { trigger, onHide } = mountMenu()
      const heard = vi.fn()
      document.addEventListener('keydown', heard)
      await open(trigger)
      heard.mockClear()
      await userEvent.keyboard('{Escape}')
      document.removeEventListener('keydown', heard)
      await vi.waitFor(() => expect(screen.queryByRole('menuitem')).toBeNull())
      expect(onHide).toHaveBeenCalledOnce()
      expect(trigger).toHaveFocus()
      expect(heard).not.toHaveBeenCalled()
    })

    test('a click elsewhere closes it', async () => {
      const { trigger, onHide } = mountMenu()
      await open(trigger)
      await userEvent.click(screen.getByText('Elsewhere'))
      await vi.waitFor(() => expect(screen.queryByRole('menuitem')).toBeNull())
      expect(onHide).toHaveBeenCalledOnce()
    })

    test('hide closes it', async () => {
      const { menu, trigger, onHide } = mountMenu()
      await open(trigger)
      menu.value?.hide()
      await vi.waitFor(() => expect(screen.queryByRole('menuitem')).toBeNull())
      expect(onHide).toHaveBeenCalledOnce()
    })

    test('one that is taken away while it is open has been closed', async () => {
      const { there, trigger, onHide } = mountMenu()
      await open(trigger)
      there.value = false
      await vi.waitFor(() => expect(onHide).toHaveBeenCalledOnce())
      expect(screen.queryByRole('menuitem')).toBeNull()
    })

    test('the host may draw the icons', async () => {
      const { trigger } = mountMenu(
        ITEMS,
        {},
        { 'item-icon': ({ item }: { item: MtMenuItem }) => h('i', `*${item.label}`) },
      )
      await open(trigger)
      expect(screen.getByText('*Leave')).toBeVisible()
    })

    test('W12 carries the theme it was given', async () => {
      const { trigger } = mountMenu(ITEMS, { theme: 'dark' })
      const [item] = await open(trigger)
      expect(item?.closest('.mtchat-portal')).toHaveClass('mtchat--dark')
    })

    test('W49 axe finds nothing', async () => {
      const { trigger } = mountMenu()
      await open(trigger)
      expect(await violations(document.body)).toEqual([])
    })
  })

  test('MtMenu: toggle opens and closes', async () => {
    const menu = ref<MtMenuExpose>()
    show(() => [
      h('button', { onClick: (event: Event) => menu.value?.toggle(event) }, 'Open'),
      h(MtMenu, { ref: menu, items: ITEMS }),
    ])
    await userEvent.click(screen.getByText('Open'))
    await screen.findAllByRole('menuitem')
    await userEvent.click(screen.getByText('Open'))
    await vi.waitFor(() => expect(screen.queryByRole('menuitem')).toBeNull())
  })

  test('MtMenu: one that is no popup stands where it is put, and stays', async () => {
    const onSelect = vi.fn()
    const { container } = show(() => h(MtMenu, { items: ITEMS, popup: false, onSelect }))
    await vi.waitFor(() => expect(container).toContainElement(screen.getByText('Pin')))
    await userEvent.click(screen.getByText('Pin'))
    expect(onSelect).toHaveBeenCalledOnce()
    expect(screen.getByText('Pin')).toBeVisible()
  })

  test('MtContextMenu: the event it is shown for opens no menu of the browser', async () => {
    const menu = ref<MtContextMenuExpose>()
    show(() => [
      h('button', { onContextmenu: (event: MouseEvent) => menu.value?.show(event) }, 'Row'),
      h(MtContextMenu, { ref: menu, items: ITEMS }),
    ])
    const goesOn = await fireEvent.contextMenu(screen.getByText('Row'), { clientX: 30, clientY: 40 })
    expect(goesOn).toBeFalsy()
    expect(await screen.findAllByRole('menuitem')).toHaveLength(3)
  })
})
