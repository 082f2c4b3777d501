import { fireEvent, screen, waitFor, within } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { describe, expect, test } from 'vitest'
import { mountChat, openDialog } from './mount'

const field = () => screen.getByRole('textbox', { name: 'Write a message' })
/** The field that was loaded in place of the plain one. */
const richField = async () => {
  await waitFor(() => expect(field()).toHaveClass('ProseMirror'))
  return field()
}

describe('the plain field and the rich one', () => {
  test('what is typed before the editor is there is still there afterwards', async () => {
    mountChat()
    await openDialog('Order 118')
    await fireEvent.update(field(), 'one <b>\ntwo')
    await fireEvent.focus(field())
    expect((await richField()).innerHTML).toContain('<p>one &lt;b&gt;</p><p>two</p>')
  })
})

describe('sending', () => {
  test('Enter in the plain field sends a paragraph per line and empties it', async () => {
    const { events, old } = mountChat()
    await openDialog('Order 118')
    await fireEvent.update(field(), 'first\nsecond')
    await fireEvent.keyDown(field(), { key: 'Enter' })
    await waitFor(() => expect(old.messages.at(-1)?.content).toBe('<p>first</p><p>second</p>'))
    expect(field()).toHaveValue('')
    await waitFor(() => expect(events.map(([name]) => name)).toContain('message-sent'))
  })

  test('nothing is sent when nothing is written', async () => {
    const { server } = mountChat()
    await openDialog('Order 118')
    expect(screen.getByRole('button', { name: 'Send' })).toBeDisabled()
    await fireEvent.update(field(), '   ')
    await fireEvent.keyDown(field(), { key: 'Enter' })
    expect(server.calls.some((call) => call.startsWith('POST') && call.endsWith('/messages'))).toBe(false)
  })

  test('Enter that ends a word of an input method sends nothing', async () => {
    const { server } = mountChat()
    await openDialog('Order 118')
    await fireEvent.update(field(), '你好')
    await fireEvent.keyDown(field(), { key: 'Enter', isComposing: true })
    expect(server.calls.some((call) => call.endsWith('POST'))).toBe(false)
    expect(field()).toHaveValue('你好')
  })

  test('W2 a refused send stays in the list, says so, and can be sent again or taken back', async () => {
    const { server, old, events } = mountChat()
    await openDialog('Order 118')
    const restore = server.refuse('POST', /messages$/, 400, 'INVALID_INPUT')
    await fireEvent.update(field(), 'important')
    await fireEvent.keyDown(field(), { key: 'Enter' })
    expect(await screen.findByRole('alert')).toHaveTextContent('Not sent')
    expect(screen.getByText('important')).toBeVisible()
    restore()
    await userEvent.click(screen.getByRole('button', { name: 'Send again' }))
    await waitFor(() => expect(old.messages.at(-1)?.content).toBe('<p>important</p>'))
    await waitFor(() => expect(events.map(([name]) => name)).toContain('message-sent'))
  })

  test('W2 a discarded send gives its text back', async () => {
    const { server } = mountChat()
    await openDialog('Order 118')
    server.refuse('POST', /messages$/, 400, 'INVALID_INPUT')
    await fireEvent.update(field(), 'important')
    await fireEvent.keyDown(field(), { key: 'Enter' })
    await userEvent.click(await screen.findByRole('button', { name: 'Discard' }))
    await waitFor(() => expect((field() as HTMLTextAreaElement).value ?? field().textContent).toContain('important'))
    expect(screen.queryByRole('alert')).toBeNull()
  })
})

describe('W1 what is written belongs to its dialog', () => {
  test('text', async () => {
    mountChat()
    await openDialog('Order 118')
    await fireEvent.update(field(), 'for the order')
    await openDialog('Shipment 2071')
    await waitFor(() => expect(field()).toHaveValue(''))
    await openDialog('Order 118')
    await waitFor(() => expect(field()).toHaveValue('for the order'))
  })

  test('files', async () => {
    const { container } = mountChat()
    await openDialog('Order 118')
    const picker = container.querySelector('input[type=file]') as HTMLInputElement
    await userEvent.upload(picker, new File(['x'], 'cmr.pdf', { type: 'application/pdf' }))
    expect(await screen.findByText('cmr.pdf')).toBeVisible()
    await openDialog('Shipment 2071')
    await waitFor(() => expect(screen.queryByText('cmr.pdf')).toBeNull())
    await openDialog('Order 118')
    expect(await screen.findByText('cmr.pdf')).toBeVisible()
  })
})

describe('W23 files', () => {
  test('a file of a wrong type is refused with a word about it', async () => {
    const { container } = mountChat()
    await openDialog('Order 118')
    const picker = container.querySelector('input[type=file]') as HTMLInputElement
    const file = new File(['x'], 'tool.exe', { type: 'application/x-msdownload' })
    await fireEvent.change(picker, { target: { files: [file] } })
    expect(await screen.findByText(/not accepted: “tool.exe”/)).toBeVisible()
  })

  test('dropped files are attached and go with the message', async () => {
    const { container, old } = mountChat()
    await openDialog('Order 118')
    const main = container.querySelector('.mtchat__main') as HTMLElement
    const dataTransfer = { types: ['Files'], files: [new File(['abc'], 'note.txt', { type: 'text/plain' })] }
    await fireEvent.dragEnter(main, { dataTransfer })
    expect(screen.getByText('Drop to attach')).toBeVisible()
    await fireEvent.drop(main, { dataTransfer })
    expect(await screen.findByText('note.txt')).toBeVisible()
    await waitFor(() => expect(screen.getByRole('button', { name: 'Send' })).toBeEnabled())
    await userEvent.click(screen.getByRole('button', { name: 'Send' }))
    await waitFor(() => expect(old.messages.at(-1)?.attachments?.[0]?.filename).toBe('note.txt'))
  })
})

describe('editing', () => {
  test('arrow up in an empty field edits one’s last message; Escape restores the draft', async () => {
    const { main } = mountChat()
    await openDialog('Shipment 2071')
    await fireEvent.focus(field())
    const rich = await richField()
    rich.focus()
    await userEvent.keyboard('{ArrowUp}')
    expect(await screen.findByText('Editing message')).toBeVisible()
    await waitFor(() => expect(field()).toHaveTextContent('Where is the truck?'))
    await userEvent.keyboard('{Escape}')
    await waitFor(() => expect(field()).toHaveTextContent(''))
    expect(main.messages[0]?.content).toBe('<p>Where is the <strong>truck</strong>?</p>')
  })
})

test('W46 the formatting bar opens on demand and is named', async () => {
  mountChat()
  await openDialog('Order 118')
  await userEvent.click(screen.getByRole('button', { name: 'Show formatting' }))
  const bar = await screen.findByRole('toolbar', { name: 'Formatting' })
  expect(within(bar).getByRole('button', { name: /^Bold/ })).toBeVisible()
  expect(within(bar).getByRole('button', { name: /Ctrl\+B/ })).toBeVisible()
})

test('W15 one goes on writing while a list loads', async () => {
  const { server } = mountChat()
  await openDialog('Order 118')
  server.intercept('GET', /^\/dialogs$/, () => new Promise(() => undefined))
  await userEvent.type(screen.getByRole('searchbox'), 'slow{Enter}')
  expect(field()).not.toHaveAttribute('readonly')
  await fireEvent.update(field(), 'still here')
  expect(screen.getByRole('button', { name: 'Send' })).toBeEnabled()
})
