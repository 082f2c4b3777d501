/**
 * What the chat relies on in a primitive: props, events, slots and exposed methods. Each promise is held by the chat's
 * own parts and by the adapters alike, so either may stand for the other.
 */
import { fireEvent, screen } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { describe, expect, test, vi } from 'vitest'
import { h, nextTick, ref, withDirectives, type Component } from 'vue'
import type { MtContextMenuExpose, MtInputExpose, MtMenuExpose, MtMenuItem, MtTooltipOptions } from '@mtchat/vue'
import { violations } from '../../vue/test/axe'
import { KITS, show } from './kits'

const PROPS: Record<string, string> = {
  MtButton: 'variant size disabled loading type icon title',
  MtDialog: 'visible header modal closable maxWidth draggable theme',
  MtMenu: 'items popup theme',
  MtContextMenu: 'items theme',
  MtInput: 'modelValue placeholder type disabled invalid clearable size',
  MtCheckbox: 'modelValue label disabled name',
  MtRadioButton: 'modelValue value label disabled name',
  MtTabs: 'modelValue',
  MtTab: 'value label badge disabled',
  MtAccordion: 'modelValue multiple',
  MtAccordionPanel: 'value header disabled',
  MtTag: 'value',
  MtSpinner: 'size label',
}

/** A part that is fetched on first use has its props when it is there. */
async function declaredProps(part: Component): Promise<string[]> {
  const { __asyncLoader: load } = part as { __asyncLoader?: () => Promise<Component> }
  const { props = {} } = (load ? await load() : part) as { props?: object }
  return Object.keys(props).sort()
}

describe.each(KITS)('$kit', ({ registry }) => {
  const { MtAccordion, MtAccordionPanel, MtButton, MtCheckbox, MtContextMenu, MtDialog, MtInput } = registry
  const { MtMenu, MtRadioButton, MtSpinner, MtTab, MtTabs, MtTag, vTooltip } = registry

  test.each(Object.entries(PROPS))('%s has the props of its contract, no more', async (name, props) => {
    expect(await declaredProps(registry[name as keyof typeof registry] as Component)).toEqual(props.split(' ').sort())
  })

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
      await userEvent.click(screen.getByText('Mute'))
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
      await userEvent.click(await screen.findByLabelText('Mail'))
      await userEvent.click(await screen.findByLabelText('One'))
      expect(onUpdate).not.toHaveBeenCalled()
    })
  })

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
      await click('Panel c')
      expect(open.value).toBe('')
    })

    test('W49 axe finds nothing', async () => {
      mountAccordion('a', false)
      await vi.waitFor(() => expect(screen.getByText('text a')).toBeVisible())
      expect(await violations(document.body)).toEqual([])
    })
  })

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
