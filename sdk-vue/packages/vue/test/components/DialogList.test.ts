import { fireEvent, screen, waitFor, within } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { describe, expect, test } from 'vitest'
import { previewOf } from '../../src/components/DialogList/dialogText'
import { mountChat, openDialog } from './mount'

describe('W45 the list of dialogs by keyboard', () => {
  test('is one tab stop; arrows move and Enter opens', async () => {
    const { events } = mountChat()
    const options = await screen.findAllByRole('option')
    expect(options.map(({ tabIndex }) => tabIndex)).toEqual([0, -1])
    options[0]?.focus()
    await userEvent.keyboard('{ArrowDown}')
    expect(options[1]).toHaveFocus()
    await userEvent.keyboard('{Enter}')
    expect(events.at(-1)?.[0]).toBe('dialog-selected')
    await waitFor(() => expect(options[1]).toHaveAttribute('aria-selected', 'true'))
  })
})

describe('W46 Ctrl+K', () => {
  test('goes to the search from inside the chat', async () => {
    mountChat()
    const [option] = await screen.findAllByRole('option')
    option?.focus()
    await fireEvent.keyDown(option as HTMLElement, { code: 'KeyK', key: 'k', ctrlKey: true })
    expect(screen.getByRole('searchbox')).toHaveFocus()
  })

  test('is the host’s own elsewhere on the page', async () => {
    mountChat()
    await screen.findAllByRole('option')
    const event = new KeyboardEvent('keydown', {
      code: 'KeyK',
      key: 'k',
      ctrlKey: true,
      bubbles: true,
      cancelable: true,
    })
    document.body.dispatchEvent(event)
    expect(event.defaultPrevented).toBe(false)
    expect(screen.getByRole('searchbox')).not.toHaveFocus()
  })

  test('is the browser’s own with shortcuts=false, and so is ?', async () => {
    mountChat({ props: { shortcuts: false } })
    const [option] = await screen.findAllByRole('option')
    option?.focus()
    await fireEvent.keyDown(option as HTMLElement, { code: 'KeyK', key: 'k', ctrlKey: true })
    expect(screen.getByRole('searchbox')).not.toHaveFocus()
    await userEvent.keyboard('?')
    expect(screen.queryByRole('dialog')).toBeNull()
  })
})

describe('W46 ?', () => {
  test('lists the keys, and Escape gives the focus back', async () => {
    mountChat()
    const [option] = await screen.findAllByRole('option')
    option?.focus()
    await userEvent.keyboard('?')
    const dialog = await screen.findByRole('dialog', { name: 'Keyboard shortcuts' })
    expect(within(dialog).getByText('Ctrl+K')).toBeVisible()
    expect(within(dialog).getByText('Bold')).toBeVisible()
    await userEvent.keyboard('{Escape}')
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(option).toHaveFocus()
  })

  test('is a letter where one writes', async () => {
    mountChat()
    await screen.findAllByRole('option')
    await userEvent.type(screen.getByRole('searchbox'), '?')
    expect(screen.getByRole('searchbox')).toHaveValue('?')
    expect(screen.queryByRole('dialog')).toBeNull()
  })
})

test('the search asks the server once the typing rests, and Escape empties it', async () => {
  mountChat()
  await screen.findAllByRole('option')
  const field = screen.getByRole('searchbox')
  await userEvent.type(field, 'Shipment')
  await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(1))
  await userEvent.keyboard('{Escape}')
  expect(field).toHaveValue('')
  await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(2))
})

test('an unread count is shown to everybody, also in words', async () => {
  mountChat()
  const row = await screen.findByRole('option', { name: /Shipment 2071/ })
  expect(row).toHaveTextContent('1')
  expect(row).toHaveAccessibleName(/1 unread/)
})

test('the menu of a row pins, mutes and archives', async () => {
  const { server } = mountChat()
  const row = await screen.findByRole('option', { name: /Order 118/ })
  await fireEvent.contextMenu(row, { clientX: 10, clientY: 10 })
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Pin' }))
  await waitFor(() => expect(server.calls.some((call) => call.endsWith('/pin'))).toBe(true))
  await waitFor(() => expect(screen.getAllByRole('option')[0]).toHaveTextContent('Order 118'))
})

test('showContextMenu=false leaves the browser’s own menu', async () => {
  mountChat({ props: { showContextMenu: false } })
  const row = await screen.findByRole('option', { name: /Order 118/ })
  const event = new MouseEvent('contextmenu', { bubbles: true, cancelable: true })
  row.dispatchEvent(event)
  expect(event.defaultPrevented).toBe(false)
})

test('the archived section is loaded when it is opened', async () => {
  const { old, server } = mountChat()
  old.members.get('u-anna')!.archived = true
  await screen.findByRole('option', { name: /Shipment 2071/ })
  const before = server.calls.length
  await userEvent.click(screen.getByRole('button', { name: /Archived/ }))
  expect(await screen.findByRole('option', { name: /Order 118/ })).toBeVisible()
  expect(server.calls.length).toBe(before + 1)
})

test('W7 the next page is asked for near the end of the list', async () => {
  const { world, chat } = mountChat()
  for (let n = 0; n < 60; n++) world.addDialog({ title: `Extra ${n}` }, ['u-anna'])
  await waitFor(() => expect(chat.value?.participatingDialogs).toHaveLength(50))
  await fireEvent.scroll(document.querySelector('.chat-sidebar__list') as HTMLElement)
  await waitFor(() => expect(chat.value?.participatingDialogs).toHaveLength(62))
})

test('W24 a draft is marked in the list', async () => {
  const { chat } = mountChat()
  await openDialog('Order 118')
  chat.value?.client.setDraft('<p>half a thought</p>')
  await openDialog('Shipment 2071')
  expect(await screen.findByRole('option', { name: /Draft: half a thought/ })).toBeVisible()
})

test('a preview is text, whatever the content tries', () => {
  const dialog = {
    id: 'd',
    object_id: 'o',
    object_type: 't',
    created_at: '',
    participants_count: 1,
    last_message: {
      id: 'm',
      content: '<img src=x onerror=alert(1)><p>hi</p>',
      sent_at: '',
      message_type: 'user' as const,
    },
  }
  expect(previewOf(dialog, 'me', { you: 'You', files: 'Attachment' })).toEqual({ sender: '', text: 'hi' })
})
