/**
 * A page of a product with the chat in it. What to mount comes after the `#`, as JSON (`HostOptions`); a test changes
 * it later through `window.host.options`, and reads there what the chat told its host.
 */
import { createApp, h, reactive, ref } from 'vue'
import { MTChat } from '@mtchat/vue'
import type { HostOptions, HostWindow } from './options'

const options = reactive(JSON.parse(decodeURIComponent(location.hash.slice(1))) as HostOptions)
const chat = ref()
const mountedAt = performance.now()
const host: HostWindow = { options, chat, events: [], violations: [], mountedAt }
Object.assign(window, { host })
document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  host.violations.push(`${violatedDirective} ${blockedURI}`),
)

const EVENTS = [
  'connected',
  'disconnected',
  'error',
  'message-sent',
  'dialog-selected',
  'dialog-joined',
  'dialog-left',
  'object-navigate',
]
// An error has its message aside: it would be lost on the way to the test.
const plain = (payload: unknown) => (payload instanceof Error ? { ...payload, message: payload.message } : payload)
const told = (name: string) => (payload?: unknown) => void host.events.push([name, plain(payload)])
const listeners = Object.fromEntries(
  EVENTS.map((name) => [`on${name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}`, told(name)]),
)

const slots = {
  'sidebar-action': () => h('button', { class: 'host-new-chat' }, 'New chat'),
  'header-menu-actions': ({ menuItemClass, closeMenu }: { menuItemClass: string; closeMenu: () => void }) =>
    h('button', { class: menuItemClass, onClick: () => (told('invoice')(), closeMenu()) }, 'Create an invoice'),
}

/** Asked for again as often as the server refuses the last one. */
function getToken() {
  told('get-token')()
  return options.tokens?.shift() ?? null
}

createApp({
  render() {
    const { config, props = {}, width, tokens, withSlots } = options
    return h('main', { class: 'frame', style: width ? { width: `${width}px` } : {} }, [
      h(
        MTChat,
        { ref: chat, config: tokens ? { ...config, getToken } : config, ...props, ...listeners },
        withSlots ? slots : {},
      ),
    ])
  },
}).mount('#app')
