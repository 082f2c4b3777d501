import { render, screen } from '@testing-library/vue'
import { afterEach } from 'vitest'
import { defineComponent, h, reactive, ref, type Slots } from 'vue'
import type { MTChatConfig } from '@mtchat/client'
import { MTChat, provideRegistry, type PartialRegistry } from '../../src'
import { MemoryServer, ORIGIN, World } from '../memoryServer'

export const ME = 'u-anna'

/** Two dialogs of anna's (one with an unread message of boris's) and one she may join. */
export function makeWorld() {
  const world = new World(Date.now() - 3_600_000)
  world.addPerson({ id: ME, name: 'Anna Berg', company: 'Northline' })
  world.addPerson({ id: 'u-boris', name: 'Boris Hald', company: 'Hald AB', online: true })
  world.addPerson({ id: 'u-vera', name: 'Vera Ostrom', company: 'Ostrom' })
  const old = world.addDialog({ title: 'Order 118', object_url: 'https://host.example/118' }, [ME, 'u-vera'])
  world.addMessage(old, 'u-vera', '<p>See you</p>')
  old.members.get(ME)!.readId = old.messages.at(-1)!.id
  world.addDialog({ title: 'Tender 9' }, ['u-vera'])
  const main = world.addDialog({ title: 'Shipment 2071', object_type: 'shipment', object_id: 'S/7' }, [
    ME,
    'u-boris',
    'u-vera',
  ])
  world.addMessage(main, ME, '<p>Where is the <strong>truck</strong>?</p>')
  world.addMessage(main, 'u-boris', '<p>At the gate</p>')
  return { world, old, main }
}

let server: MemoryServer | undefined
afterEach(() => {
  server?.uninstall()
  server = undefined
})

interface MountOptions {
  props?: Record<string, unknown>
  config?: Partial<MTChatConfig>
  slots?: Partial<Slots>
  /** Primitives of the host. */
  registry?: PartialRegistry
  /** Pixels; jsdom has no layout. */
  width?: number
}

/** MTChat on a page with a server in memory. `props` may be changed afterwards; `events` holds what was emitted. */
export function mountChat({ props = {}, config = {}, slots = {}, registry = {}, width = 1280 }: MountOptions = {}) {
  const made = makeWorld()
  server = new MemoryServer(made.world).install()
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, get: () => width })
  const chat = ref<InstanceType<typeof MTChat>>()
  const events: [string, ...unknown[]][] = []
  const on =
    (name: string) =>
    (...args: unknown[]) =>
      void events.push([name, ...args])
  const state = reactive({
    config: {
      baseUrl: ORIGIN,
      userId: ME,
      scopeConfig: { scopeLevel0: ['north'], scopeLevel1: [], scopeLevel2: [] },
      userProfile: { displayName: 'Anna Berg', company: 'Northline', email: 'anna@north.example' },
      locale: 'en',
      ...config,
    },
    ...props,
  })
  const listeners = {
    onConnected: on('connected'),
    onError: on('error'),
    onMessageSent: on('message-sent'),
    onDialogSelected: on('dialog-selected'),
    onDialogJoined: on('dialog-joined'),
    onDialogLeft: on('dialog-left'),
    onObjectNavigate: on('object-navigate'),
  }
  const page = render(
    defineComponent(() => {
      provideRegistry(registry)
      return () => h(MTChat, { ref: chat, ...state, ...listeners }, slots as Slots)
    }),
  )
  return {
    ...made,
    ...page,
    server,
    chat,
    events,
    props: state as Record<string, unknown>,
    root: () => page.container.querySelector('.mtchat') as HTMLElement,
  }
}

/** Waits until the list is there and opens a dialog by its title. */
export async function openDialog(title: string) {
  const row = await screen.findByRole('option', { name: new RegExp(title) })
  row.click()
  await screen.findByRole('textbox', { name: 'Write a message' })
}
