import { fireEvent, screen, waitFor, within } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { describe, expect, test, vi } from 'vitest'
import { h } from 'vue'
import { violations } from '../axe'
import { mountChat, openDialog } from './mount'

describe('full mode', () => {
  test('lists the dialogs, opens one on a click and tells the host at once', async () => {
    const { events, root } = mountChat()
    await openDialog('Shipment 2071')
    expect(events.find(([name]) => name === 'dialog-selected')?.[1]).toMatchObject({ title: 'Shipment 2071' })
    expect(await screen.findByText('At the gate')).toBeVisible()
    expect(root()).toHaveClass('mtchat--light', 'mtchat--desktop', 'mtchat--view-chat')
  })

  test('opens the dialog named by the host and follows its change', async () => {
    const { main, old, props, chat } = mountChat({ props: { dialogId: '' } })
    props.dialogId = main.id
    await screen.findByText('At the gate')
    props.dialogId = old.id
    await screen.findByText('See you')
    expect(chat.value?.currentDialog?.title).toBe('Order 118')
  })

  test('says when the connection is there', async () => {
    const { events, chat } = mountChat()
    await waitFor(() => expect(events.map(([name]) => name)).toContain('connected'))
    expect(chat.value?.isConnected).toBe(true)
  })

  test('W49 axe finds nothing in the whole chat', async () => {
    const { container } = mountChat()
    await openDialog('Shipment 2071')
    await screen.findByText('At the gate')
    expect(await violations(container)).toEqual([])
  })

  test('W47 the root tells its language and direction', async () => {
    const { root, props } = mountChat()
    await screen.findByRole('option', { name: /Order 118/ })
    expect(root()).toHaveAttribute('lang', 'en')
    props.config = { ...(props.config as object), locale: 'he' }
    await waitFor(() => expect(root()).toHaveAttribute('dir', 'rtl'))
  })
})

test('a connection that stays away is told in words, and so is its return', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true })
  try {
    const { server } = mountChat()
    await openDialog('Order 118')
    server.isDown = true
    server.cut()
    await vi.advanceTimersByTimeAsync(4000)
    expect(screen.getAllByText('Connection lost, reconnecting').length).toBeGreaterThan(0)
    server.isDown = false
    await vi.advanceTimersByTimeAsync(30_000)
    expect(screen.getByText('Connection restored')).toBeInTheDocument()
  } finally {
    vi.useRealTimers()
  }
})

describe('W10 inline mode in narrow containers', () => {
  test.each([360, 480, 1000])('at %i px shows the chat of the object and no way back to a list', async (width) => {
    const { root } = mountChat({ width, props: { mode: 'inline', objectType: 'shipment', objectId: 'S/7' } })
    await screen.findByText('At the gate')
    expect(root()).toHaveClass('mtchat--inline', 'mtchat--view-chat')
    expect(screen.queryByRole('button', { name: 'Back' })).toBeNull()
    expect(screen.queryByRole('listbox')).toBeNull()
  })

  test('says that there is no chat for an unknown object', async () => {
    const { root } = mountChat({ width: 480, props: { mode: 'inline', objectType: 'shipment', objectId: 'none' } })
    expect(await screen.findByText('No chat yet')).toBeVisible()
    expect(root()).toHaveClass('mtchat--view-chat')
  })
})

describe('a narrow container in full mode', () => {
  test('shows one thing at a time and the chevron leads back to the list', async () => {
    const { root } = mountChat({ width: 400 })
    expect(await screen.findByRole('option', { name: /Order 118/ })).toBeVisible()
    expect(root()).toHaveClass('mtchat--mobile', 'mtchat--view-list')
    await openDialog('Order 118')
    expect(root()).toHaveClass('mtchat--view-chat')
    await userEvent.click(screen.getByRole('button', { name: 'Back' }))
    await waitFor(() => expect(root()).toHaveClass('mtchat--view-list'))
  })
})

describe('W11 what the host may change', () => {
  test('header-menu-actions puts items above "leave" that can close the menu', async () => {
    const { main } = mountChat({
      slots: {
        'header-menu-actions': ({ dialog, closeMenu, menuItemClass }) => [
          h('button', { class: menuItemClass, onClick: closeMenu }, `Invoice for ${dialog.title}`),
        ],
      },
    })
    await openDialog(main.title as string)
    await userEvent.click(screen.getByRole('button', { name: 'Chat menu' }))
    const menu = await screen.findByRole('menu')
    const items = within(menu).getAllByRole('menuitem')
    expect(items.at(-2)).toHaveTextContent('Invoice for Shipment 2071')
    expect(items.at(-1)).toHaveTextContent('Leave chat')
    await userEvent.click(items.at(-2) as HTMLElement)
    expect(screen.queryByRole('menu')).toBeNull()
  })

  test('showSearch hides the search and searchPlaceholder names it', async () => {
    const { props } = mountChat({ props: { searchPlaceholder: 'Find an order' } })
    expect(await screen.findByRole('searchbox', { name: 'Find an order' })).toHaveAttribute(
      'placeholder',
      'Find an order',
    )
    props.showSearch = false
    await waitFor(() => expect(screen.queryByRole('searchbox')).toBeNull())
  })

  test('sidebar-action stands beside the search', async () => {
    mountChat({ slots: { 'sidebar-action': () => [h('button', 'New chat')] } })
    expect(await screen.findByRole('button', { name: 'New chat' })).toBeVisible()
  })

  test('showTabs, showSidebar and showHeader take their parts away', async () => {
    const { props } = mountChat()
    await openDialog('Order 118')
    props.showTabs = false
    props.showHeader = false
    await waitFor(() => expect(screen.queryByRole('tablist')).toBeNull())
    expect(screen.queryByRole('button', { name: 'Chat menu' })).toBeNull()
    props.showSidebar = false
    await waitFor(() => expect(screen.queryByRole('listbox')).toBeNull())
  })

  test('interceptObjectNavigation turns the link into an event', async () => {
    const { events } = mountChat({ props: { interceptObjectNavigation: true } })
    await openDialog('Order 118')
    await userEvent.click(screen.getByRole('button', { name: 'Open object' }))
    expect(events.at(-1)).toMatchObject(['object-navigate', { dialog: { title: 'Order 118' } }])
  })

  test('a dangerous object address is no link', async () => {
    const { old } = mountChat()
    old.object_url = 'javascript:alert(1)'
    await openDialog('Order 118')
    expect(screen.queryByRole('link')).toBeNull()
  })

  test('W50 texts of the host replace ours', async () => {
    mountChat({ config: { messages: { tabs: { myChats: 'My orders' } } } })
    expect(await screen.findByRole('tab', { name: /My orders/ })).toBeVisible()
  })
})

describe('W12 themes', () => {
  test.each(['dark', 'auto', 'brand'])('%s reaches the chat and its menus', async (theme) => {
    const { root } = mountChat({ props: { theme } })
    await openDialog('Order 118')
    await userEvent.click(screen.getByRole('button', { name: 'Chat menu' }))
    const menu = await screen.findByRole('menu')
    expect(root()).toHaveClass(`mtchat--${theme}`)
    expect(menu.closest('.mtchat-portal')).toHaveClass(`mtchat--${theme}`)
  })
})

describe('leaving and joining', () => {
  test('W44 leaving asks first, and does nothing when the answer is no', async () => {
    const { server, events } = mountChat()
    await openDialog('Order 118')
    await userEvent.click(screen.getByRole('button', { name: 'Chat menu' }))
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Leave chat' }))
    await userEvent.click(within(await screen.findByRole('dialog')).getByText('Cancel'))
    expect(server.calls.some((call) => call.endsWith('/leave'))).toBe(false)
    await userEvent.click(screen.getByRole('button', { name: 'Chat menu' }))
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Leave chat' }))
    await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Leave' }))
    await waitFor(() => expect(events.map(([name]) => name)).toContain('dialog-left'))
  })

  test('joining sends what the user agreed to show', async () => {
    const { events, world } = mountChat()
    await userEvent.click(await screen.findByRole('tab', { name: /Available/ }))
    await fireEvent.click(await screen.findByRole('option', { name: /Tender 9/ }))
    await userEvent.click(await screen.findByRole('button', { name: 'Join' }))
    const dialog = await screen.findByRole('dialog')
    await userEvent.click(await within(dialog).findByLabelText('Employee of Northline'))
    await userEvent.click(within(dialog).getByLabelText('anna@north.example'))
    await userEvent.click(within(dialog).getByRole('button', { name: 'Join' }))
    await waitFor(() => expect(events.map(([name]) => name)).toContain('dialog-joined'))
    const tender = world.dialogs.find(({ title }) => title === 'Tender 9')
    expect(tender?.members.get('u-anna')?.contacts).toEqual({
      display_name: 'Employee of Northline',
      company: 'Northline',
    })
  })

  test('a join that fails says so and stays open', async () => {
    const { server } = mountChat()
    server.refuse('POST', /join$/, 500)
    await userEvent.click(await screen.findByRole('tab', { name: /Available/ }))
    await fireEvent.click(await screen.findByRole('option', { name: /Tender 9/ }))
    await userEvent.click(await screen.findByRole('button', { name: 'Join' }))
    const dialog = await screen.findByRole('dialog')
    await userEvent.click(await within(dialog).findByRole('button', { name: 'Join' }))
    expect(await within(dialog).findByRole('alert')).toHaveTextContent('Could not join')
  })
})

test('the component exposes what hosts call', async () => {
  const { chat } = mountChat()
  await screen.findByRole('option', { name: /Order 118/ })
  const exposed = chat.value as unknown as Record<string, unknown>
  const methods =
    'selectDialog loadDialogs loadDialogsByObject loadArchivedDialogsByObject sendMessage joinDialog leaveDialog archiveDialog unarchiveDialog pinDialog unpinDialog toggleNotifications goBack toggleInfoPanel'
  for (const name of methods.split(' ')) expect([name, typeof exposed[name]]).toEqual([name, 'function'])
  expect(exposed.participatingDialogs).toHaveLength(2)
  expect(exposed.mobileView).toBe('list')
  expect((exposed.client as { messages: { value: unknown } }).messages.value).toEqual([])
})
