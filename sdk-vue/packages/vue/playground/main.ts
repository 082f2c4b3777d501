/**
 * A page with the chat on it and no server: `?mode=inline&theme=dark&locale=ru&width=480`.
 * `scene` is one of: busy (default), empty, join, long (10,000 messages), offline.
 */
import { createApp, h, ref } from 'vue'
import { MTChat } from '../src'
import { MemoryServer, ORIGIN } from '../test/memoryServer'
import { makeWorld, ME, type Scene } from './scenes'

const query = new URLSearchParams(location.search)
const option = (name: string, fallback: string) => query.get(name) ?? fallback

const locale = option('locale', 'en')
const mode = option('mode', 'full') as 'full' | 'inline'
const scene = option('scene', 'busy') as Scene
const { world, objectId, objectType, openId } = makeWorld(locale, scene)
const server = new MemoryServer(world).install()

server.isDown = scene === 'offline'

const me = world.people.get(ME)
const config = {
  baseUrl: ORIGIN,
  userId: ME,
  scopeConfig: { scopeLevel0: ['north'], scopeLevel1: [], scopeLevel2: [] },
  userProfile: {
    displayName: me?.name ?? ME,
    company: me?.company ?? '',
    email: 'anna@north.example',
    phone: '+47 22 00 00',
  },
  locale,
}

const chat = ref()
Object.assign(window, { chat, server, world, ME })

createApp({
  render: () =>
    h('div', { class: 'frame', style: { width: query.has('width') ? `${query.get('width')}px` : '100%' } }, [
      h(
        MTChat,
        {
          ref: chat,
          config,
          mode,
          theme: option('theme', 'light'),
          ...(mode === 'inline' ? { objectId, objectType } : {}),
          ...(option('open', '1') === '1' && mode === 'full' ? { dialogId: openId } : {}),
          showHeader: option('header', '1') === '1',
        },
        query.has('slots')
          ? {
              'sidebar-action': () => h('button', { class: 'mt-button mt-button--secondary mt-button--icon' }, '+'),
              'header-menu-actions': ({ menuItemClass, closeMenu }: { menuItemClass: string; closeMenu: () => void }) =>
                h('button', { class: menuItemClass, onClick: closeMenu }, 'Create an invoice'),
            }
          : {},
      ),
    ]),
}).mount('#app')
