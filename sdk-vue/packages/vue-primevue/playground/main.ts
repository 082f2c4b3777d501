/**
 * A host's page with PrimeVue (Aura) and the chat in it, no server: `?page=dark&theme=light&mode=inline&locale=ru&box=480`.
 * `scene` as in the playground of the chat; `layer=1`: PrimeVue's styles in a cascade layer; `dialog=1`: in a dialog; `preset`: aura, lara, nora, material.
 */
import Aura from '@primeuix/themes/aura'
import Lara from '@primeuix/themes/lara'
import Material from '@primeuix/themes/material'
import Nora from '@primeuix/themes/nora'
import Button from 'primevue/button'
import PrimeVue from 'primevue/config'
import Dialog from 'primevue/dialog'
import { createApp, h, ref } from 'vue'
import { MemoryServer, ORIGIN } from '../../vue/test/memoryServer'
import { makeWorld, ME, type Scene } from '../../vue/playground/scenes'
import { MTChatPrime } from '../src'

const query = new URLSearchParams(location.search)
const option = (name: string, fallback: string) => query.get(name) ?? fallback

const locale = option('locale', 'en')
const mode = option('mode', 'full') as 'full' | 'inline'
const { world, objectId, objectType, openId } = makeWorld(locale, option('scene', 'busy') as Scene)
const server = new MemoryServer(world).install()
const me = world.people.get(ME)
const config = {
  baseUrl: ORIGIN,
  userId: ME,
  scopeConfig: { scopeLevel0: ['north'], scopeLevel1: [], scopeLevel2: [] },
  userProfile: { displayName: me?.name ?? ME, company: me?.company ?? '', email: 'anna@north.example' },
  locale,
}

const PRESETS: Record<string, object> = { aura: Aura, lara: Lara, nora: Nora, material: Material }
document.documentElement.classList.toggle('dark-mode', option('page', 'light') === 'dark')
const chat = ref()
Object.assign(window, { chat, server })

const slots = query.has('slots')
  ? {
      'sidebar-action': () => h(Button, { label: '+', 'aria-label': 'New chat', size: 'small' }),
      'header-menu-actions': ({ menuItemClass, closeMenu }: { menuItemClass: string; closeMenu: () => void }) =>
        h('button', { class: menuItemClass, onClick: closeMenu }, 'Create an invoice'),
    }
  : {}

const chatView = () =>
  h(
    MTChatPrime,
    {
      ref: chat,
      config,
      mode,
      ...(query.has('theme') ? { theme: option('theme', 'light') } : {}),
      ...(mode === 'inline' ? { objectId, objectType } : {}),
      ...(option('open', '1') === '1' && mode === 'full' ? { dialogId: openId } : {}),
    },
    slots,
  )

/** The chat in a dialog of the host. */
const isOpen = ref(true)
const inDialog = () =>
  h(
    Dialog,
    {
      visible: isOpen.value,
      'onUpdate:visible': (visible: boolean) => (isOpen.value = visible),
      modal: true,
      header: 'Shipment',
      class: 'of-the-host',
      contentClass: 'frame',
    },
    chatView,
  )

const onPage = () => [
  query.has('host') ? h('div', { class: 'host' }, [h(Button, { label: 'Save', class: 'of-the-host' })]) : null,
  h('div', { class: 'frame', style: { width: query.has('box') ? `${query.get('box')}px` : '100%' } }, [chatView()]),
]

createApp({ render: () => (query.has('dialog') ? inDialog() : onPage()) })
  .use(PrimeVue, {
    theme: {
      preset: PRESETS[option('preset', 'aura')],
      options: { darkModeSelector: '.dark-mode', cssLayer: query.has('layer') },
    },
  })
  .mount('#app')
