import { screen, waitFor, within } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, test } from 'vitest'
import { loadSanitizer } from '../../src/html/useSanitizer'
import { mountChat, openDialog } from './mount'

// Tests are not about the moment before it is there.
beforeEach(loadSanitizer)

/** The list of dialogs repeats the newest message: only the feed is meant. */
const articleOf = async (text: string) =>
  (await within(await screen.findByRole('feed')).findByText(text)).closest('article') as HTMLElement

describe('messages', () => {
  test('show formatted text and what the sanitiser leaves of it', async () => {
    const { world, main } = mountChat()
    world.addMessage(main, 'u-boris', '<p onclick="x()">Gate <strong>4</strong><img src=x onerror="alert(1)"></p>')
    await openDialog('Shipment 2071')
    const gate = (await screen.findByText('4')).closest('p')
    expect(gate?.outerHTML).toBe('<p>Gate <strong>4</strong></p>')
  })

  test('W33 of one person within five minutes share one avatar and name', async () => {
    const { world, main } = mountChat()
    world.addMessage(main, 'u-boris', '<p>second</p>')
    world.now += 6 * 60_000
    world.addMessage(main, 'u-boris', '<p>much later</p>')
    await openDialog('Shipment 2071')
    expect((await articleOf('second')).querySelector('.chat-messages__head')).toBeNull()
    expect((await articleOf('much later')).querySelector('.chat-messages__head')).not.toBeNull()
  })

  test('W31 one’s own carry a mark that says whether they were read', async () => {
    const { main, server } = mountChat()
    main.members.get('u-boris')!.readId = null
    await openDialog('Shipment 2071')
    const own = await articleOf('truck')
    expect(within(own).getByText('Sent')).toBeInTheDocument()
    const read = {
      type: 'message.read',
      dialog_id: main.id,
      user_id: 'u-boris',
      last_read_message_id: main.messages[0]!.id,
    }
    server.push(read, ['u-anna'])
    expect(await within(own).findByText('Read')).toBeInTheDocument()
  })

  test('W34 an unread divider stands before what is new', async () => {
    mountChat()
    await openDialog('Shipment 2071')
    const divider = await screen.findByText('New messages')
    const row = divider.closest('[data-key]')
    expect(row?.nextElementSibling).toHaveTextContent('At the gate')
  })

  test('system messages are sentences', async () => {
    const { world, main } = mountChat()
    world.addMessage(main, null, '{"event":"participant_joined","name":"Lu Wei","company":"Orrin"}')
    world.addMessage(main, null, 'not json')
    await openDialog('Shipment 2071')
    expect(await screen.findByText('Lu Wei (Orrin) joined')).toBeVisible()
    expect(screen.getByText('not json')).toBeVisible()
  })

  test('a quote names its author and leads to the original', async () => {
    const { world, main } = mountChat()
    world.addMessage(main, 'u-boris', '<p>here it is</p>', { reply_to_id: main.messages[0]!.id })
    await openDialog('Shipment 2071')
    await userEvent.click(await screen.findByRole('button', { name: /In reply to Northline — Anna Berg/ }))
    const original = await articleOf('truck')
    await waitFor(() => expect(original).toHaveClass('chat-messages__message--highlighted'))
    await userEvent.click(await screen.findByRole('button', { name: 'Back to the reply' }))
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Back to the reply' })).toBeNull())
  })
})

describe('W45 messages by keyboard', () => {
  test('arrows go from message to message and Tab reaches the actions', async () => {
    mountChat()
    await openDialog('Shipment 2071')
    const last = await articleOf('At the gate')
    expect(last.tabIndex).toBe(0)
    last.focus()
    expect(await within(last).findByRole('button', { name: 'Reply' })).toBeVisible()
    await userEvent.keyboard('{ArrowUp}')
    await waitFor(() => expect(document.activeElement).toHaveTextContent('Where is the truck?'))
  })
})

describe('actions', () => {
  test('reply puts a strip above the composer, Escape takes it away', async () => {
    mountChat()
    await openDialog('Shipment 2071')
    await userEvent.hover(await articleOf('At the gate'))
    await userEvent.click(await screen.findByRole('button', { name: 'Reply' }))
    expect(await screen.findByText('Replying to Hald AB — Boris Hald')).toBeVisible()
    await waitFor(() => expect(screen.getByRole('textbox', { name: 'Write a message' })).toHaveFocus())
    await userEvent.keyboard('{Escape}')
    await waitFor(() => expect(screen.queryByText(/Replying to/)).toBeNull())
  })

  test('W30 delete asks first', async () => {
    const { server, main } = mountChat()
    await openDialog('Shipment 2071')
    await userEvent.hover(await articleOf('truck'))
    await userEvent.click(await screen.findByRole('button', { name: 'More' }))
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Delete' }))
    const dialog = await screen.findByRole('dialog')
    expect(server.calls.some((call) => call.startsWith('DELETE'))).toBe(false)
    await userEvent.click(within(dialog).getByRole('button', { name: 'Delete' }))
    await waitFor(() => expect(main.messages).toHaveLength(1))
    await waitFor(() => expect(screen.queryByText('truck')).toBeNull())
  })

  test('"read by" names the readers', async () => {
    const { main } = mountChat()
    main.members.get('u-boris')!.readId = main.messages[1]!.id
    await openDialog('Shipment 2071')
    await userEvent.hover(await articleOf('truck'))
    await userEvent.click(await screen.findByRole('button', { name: 'More' }))
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Read by' }))
    expect(await within(await screen.findByRole('dialog')).findByText('Hald AB — Boris Hald')).toBeVisible()
  })

  test('others’ messages offer neither edit nor delete', async () => {
    mountChat()
    await openDialog('Shipment 2071')
    const theirs = await articleOf('At the gate')
    await userEvent.hover(theirs)
    await within(theirs).findByRole('button', { name: 'Reply' })
    expect(within(theirs).queryByRole('button', { name: 'Edit' })).toBeNull()
    expect(within(theirs).queryByRole('button', { name: 'More' })).toBeNull()
  })
})

test('W47 a new message is announced, the list itself is no live region', async () => {
  const { world, main, server } = mountChat()
  await openDialog('Shipment 2071')
  await articleOf('At the gate')
  const message = world.addMessage(main, 'u-boris', '<p>Unloading now</p>')
  server.push({ type: 'message.new', ...message, payload: { message } }, ['u-anna'])
  expect(await screen.findByText('New message from Boris Hald: Unloading now')).toBeInTheDocument()
  expect(screen.getByRole('feed')).not.toHaveAttribute('aria-live')
})

test('W55 ten thousand messages keep the page small', async () => {
  const { world, main, chat } = mountChat()
  for (let n = 0; n < 10_000; n++) world.addMessage(main, n % 2 ? 'u-boris' : 'u-anna', `<p>line ${n}</p>`)
  await openDialog('Shipment 2071')
  await chat.value?.client.loadMessages({ limit: 10_000 })
  await waitFor(() => expect(chat.value?.messages.length).toBeGreaterThan(50))
  expect(document.querySelectorAll('article').length).toBeLessThan(120)
})

test('typing of others is told in the header', async () => {
  const { main, server } = mountChat()
  await openDialog('Shipment 2071')
  await articleOf('At the gate')
  const until = new Date(Date.now() + 5000).toISOString()
  server.push({ type: 'typing', dialog_id: main.id, user_id: 'u-boris', until }, ['u-anna'])
  expect((await screen.findAllByText('Boris Hald is typing…')).length).toBeGreaterThan(0)
})
