import { fireEvent, render, screen } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import PrimeVue from 'primevue/config'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { h, ref, shallowReactive, type Component, type Slots } from 'vue'
import { MTChat, type DialogListItem } from '@mtchat/vue'
import { makeWorld, ME } from '../../vue/test/components/mount'
import { MemoryServer, ORIGIN } from '../../vue/test/memoryServer'
import { MTChatPrime } from '../src'

let server: MemoryServer

beforeEach(() => {
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, get: () => 1280 })
})
afterEach(() => {
  server.uninstall()
  document.documentElement.className = ''
})

const config = {
  baseUrl: ORIGIN,
  userId: ME,
  scopeConfig: { scopeLevel0: ['north'], scopeLevel1: [], scopeLevel2: [] },
  userProfile: { displayName: 'Anna Berg', company: 'Northline', email: 'anna@north.example' },
  locale: 'en',
}

interface Wish {
  props?: Record<string, unknown>
  slots?: Record<string, unknown>
  component?: Component
  /** What the host told PrimeVue. */
  prime?: Record<string, unknown>
}

function mount({ props = {}, slots = {}, component = MTChatPrime, prime = {} }: Wish = {}) {
  server = new MemoryServer(makeWorld().world).install()
  const state = shallowReactive({ config, ...props } as Record<string, unknown>)
  const chat = ref<InstanceType<typeof MTChat>>()
  const { container, unmount } = render(
    { render: () => h(component, { ref: chat, ...state } as never, slots as unknown as Slots) },
    { global: { plugins: [[PrimeVue, prime]], stubs: { transition: false } } },
  )
  const frame = () => container.querySelector('.mtchat-prime') as HTMLElement
  return { chat, state, frame, unmount, root: () => frame().querySelector('.mtchat') as HTMLElement }
}

async function openDialog(title: string) {
  const row = await screen.findByRole('option', { name: new RegExp(title) })
  await userEvent.click(row)
  await screen.findByRole('textbox', { name: 'Write a message' })
}

describe('the theme', () => {
  test.each(['light', 'dark', 'auto', 'brand'])('%s: on the frame and on the chat', (theme) => {
    const { frame, root } = mount({ props: { theme } })
    expect(frame()).toHaveClass('mtchat-prime', `mtchat-prime--${theme}`)
    expect(root()).toHaveClass(`mtchat--${theme}`)
  })

  test.each(['dark-mode', 'p-dark'])(
    'without one it follows the class %s of the page, while one looks',
    async (name) => {
      const { frame, root } = mount()
      expect(frame()).toHaveClass('mtchat-prime--light')
      document.documentElement.classList.add(name)
      await vi.waitFor(() => expect(frame()).toHaveClass('mtchat-prime--dark'))
      expect(root()).toHaveClass('mtchat--dark')
      document.documentElement.classList.remove(name)
      await vi.waitFor(() => expect(frame()).toHaveClass('mtchat-prime--light'))
    },
  )

  test('without one it is dark at once on a dark page', async () => {
    document.documentElement.className = 'p-dark'
    const { frame } = mount()
    await vi.waitFor(() => expect(frame()).toHaveClass('mtchat-prime--dark'))
  })

  test('without one it follows the selector that PrimeVue was told', async () => {
    const { frame } = mount({ prime: { theme: { options: { darkModeSelector: '[data-shade=night]' } } } })
    document.documentElement.dataset.shade = 'night'
    await vi.waitFor(() => expect(frame()).toHaveClass('mtchat-prime--dark'))
    delete document.documentElement.dataset.shade
    await vi.waitFor(() => expect(frame()).toHaveClass('mtchat-prime--light'))
  })

  test('a theme of its own stays on a page of the other kind, and knows that it does', async () => {
    document.documentElement.className = 'dark-mode'
    const { frame, state } = mount({ props: { theme: 'light' } })
    await vi.waitFor(() => expect(frame()).toHaveClass('mtchat-prime--light', 'mtchat-prime--apart'))
    state.theme = 'dark'
    await vi.waitFor(() => expect(frame()).not.toHaveClass('mtchat-prime--apart'))
  })
})

describe('drop-in for MTChat', () => {
  test('has its props and events', () => {
    const { props, emits } = MTChat as unknown as { props: object; emits: string[] }
    const prime = MTChatPrime as unknown as { props: object; emits: string[] }
    expect(Object.keys(prime.props).sort()).toEqual(Object.keys(props).sort())
    expect(prime.emits).toEqual(emits)
  })

  test('exposes what the chat exposes', async () => {
    const plain = mount({ component: MTChat })
    const names = Object.keys((plain.chat.value as unknown as { $: { exposed: object } }).$.exposed)
    plain.unmount()
    server.uninstall()
    const { chat } = mount()
    expect(names).toContain('client')
    expect(names.filter((name) => !(name in chat.value!))).toEqual([])
    await openDialog('Shipment 2071')
    expect(chat.value!.currentDialog?.title).toBe('Shipment 2071')
    chat.value!.toggleInfoPanel()
    await vi.waitFor(() => expect(document.querySelector('.chat-info-panel')).not.toBeNull())
    await chat.value!.sendMessage('<p>From outside</p>')
    await vi.waitFor(() => expect(chat.value!.messages.at(-1)?.content).toBe('<p>From outside</p>'))
  })

  test('passes props on, also later, and class to its frame', async () => {
    const { state, frame } = mount({ props: { class: 'mine', showHeader: false, searchPlaceholder: 'Find' } })
    expect(frame()).toHaveClass('mine')
    await screen.findByPlaceholderText('Find')
    state.searchPlaceholder = 'Look for'
    await screen.findByPlaceholderText('Look for')
  })

  test('tells every event once', async () => {
    const onDialogSelected = vi.fn()
    const onMessageSent = vi.fn()
    const onConnected = vi.fn()
    mount({ props: { onDialogSelected, onMessageSent, onConnected } })
    await openDialog('Shipment 2071')
    expect(onDialogSelected).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ title: 'Shipment 2071' }))
    await vi.waitFor(() => expect(onConnected).toHaveBeenCalledOnce())
  })

  test('has its slots', async () => {
    const invoice = vi.fn()
    mount({
      slots: {
        'sidebar-action': () => h('button', 'New chat'),
        'header-menu-actions': ({ dialog, menuItemClass }: { dialog: DialogListItem; menuItemClass: string }) =>
          h('button', { class: menuItemClass, onClick: () => invoice(dialog.title) }, 'Invoice'),
      },
    })
    await screen.findByRole('button', { name: 'New chat' })
    await openDialog('Shipment 2071')
    await userEvent.click(screen.getByRole('button', { name: 'Chat menu' }))
    await userEvent.click(await screen.findByText('Invoice'))
    expect(invoice).toHaveBeenCalledExactlyOnceWith('Shipment 2071')
  })
})

test('W56 the chat is made of PrimeVue: no part of its own kit is on the page', async () => {
  mount()
  const nativeParts = () =>
    [...document.querySelectorAll('[class^="mt-"], [class*=" mt-"]')].map(({ className }) => className)
  const primeParts = (names: string) =>
    names.split(' ').filter((name) => document.querySelector(`[data-pc-name=${name}]`) === null)
  await fireEvent.contextMenu(await screen.findByRole('option', { name: /Order 118/ }))
  await screen.findAllByRole('menuitem')
  expect(primeParts('contextmenu tabs tab tag inputtext accordion accordionheader')).toEqual([])
  await userEvent.keyboard('{Escape}')
  await openDialog('Shipment 2071')
  await userEvent.click(screen.getByRole('button', { name: 'Chat menu' }))
  await userEvent.click(await screen.findByText('Leave chat'))
  await screen.findByRole('dialog')
  expect(primeParts('dialog button')).toEqual([])
  await userEvent.keyboard('{Escape}')
  await userEvent.click(screen.getByRole('tab', { name: /Available/ }))
  await userEvent.click(await screen.findByRole('option', { name: /Tender 9/ }))
  await userEvent.click(await screen.findByRole('button', { name: 'Join' }))
  await screen.findByRole('dialog')
  expect(primeParts('dialog checkbox radiobutton')).toEqual([])
  expect(nativeParts()).toEqual([])
})
