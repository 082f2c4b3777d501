/**
 * A page with the chat on it and no server: `?mode=inline&theme=dark&locale=ru&box=480`.
 * `scene` is one of: busy (default), unread, empty, join, long (10,000 messages), loading, failing, offline.
 */
import { createApp, h, ref } from 'vue'
import { MTChat } from '../src'
import { MemoryServer, ORIGIN } from '../test/memoryServer'
import { picture } from './picture'
import { makeWorld, ME, type Scene } from './scenes'

const query = new URLSearchParams(location.search)
const option = (name: string, fallback: string) => query.get(name) ?? fallback

const locale = option('locale', 'en')
const mode = option('mode', 'full') as 'full' | 'inline'
const scene = option('scene', 'busy') as Scene
const { world, objectId, objectType, openId } = makeWorld(locale, scene)
const server = new MemoryServer(world).install()

server.isDown = scene === 'offline'
if (scene === 'loading') server.intercept('GET', /./, () => new Promise(() => undefined))
if (scene === 'failing') server.refuse('GET', /./)

/** A colleague writes some messages while one is looking. */
function arrive(count: number) {
  const dialog = world.dialogs.find(({ id }) => id === openId)
  for (let n = 1; dialog && n <= count; n++) {
    world.now = Math.max(world.now, Date.now())
    const message = world.addMessage(dialog, 'u-boris', `<p>${n}</p>`)
    server.push({ type: 'message.new', ...message, payload: { message } }, [ME])
  }
}

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
Object.assign(window, { chat, server, world, ME, openId, arrive, picture })

createApp({
  render: () =>
    h('div', { class: 'frame', style: { width: query.has('box') ? `${query.get('box')}px` : '100%' } }, [
      h(
        MTChat,
        {
          ref: chat,
          config,
          mode,
          theme: option('theme', 'light'),
          ...(mode === 'inline' ? { objectId: option('object', objectId), objectType } : {}),
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
