import { camelize, computed, defineComponent, h, onMounted, shallowRef, toHandlerKey, useTemplateRef } from 'vue'
import { MTChat, provideRegistry } from '@mtchat/vue'
import { primevueRegistry } from '../registry'
import { adoptPrimeStyles } from '../theme/adopt'
import { usePageTheme } from '../theme/usePageTheme'

const { props: chatProps, emits } = MTChat as unknown as { props: Record<string, object>; emits: string[] }

/** What the host asks of this component is asked of the chat in it, which is not there before it is mounted. */
const passedOn = (chat: { value: object | null }) =>
  new Proxy(
    {},
    {
      has: (_, name) => chat.value !== null && name in chat.value,
      get: (_, name) => chat.value && Reflect.get(chat.value, name),
    },
  )

/**
 * MTChat made of PrimeVue's components, in the colours of the host's preset. Same props, events, slots and exposed
 * members. `theme`: `light`, `dark`, `auto` (what the person prefers), or a theme of the host; without it, as the page is.
 */
export const MTChatPrime = defineComponent({
  name: 'MTChatPrime',
  props: { ...chatProps, theme: { type: String, default: undefined } },
  emits,
  setup(props, { emit, slots, expose }) {
    const root = useTemplateRef<HTMLElement>('root')
    const chat = shallowRef<object | null>(null)
    const { page, preferred } = usePageTheme(root)
    const theme = computed(() => props.theme ?? page.value)
    // PrimeVue's own colours of text and fields are those of the page.
    const shade = computed(() => (theme.value === 'auto' ? preferred.value : theme.value))
    const isApart = computed(() => (shade.value === 'light' || shade.value === 'dark') && shade.value !== page.value)

    provideRegistry(primevueRegistry)
    expose(passedOn(chat))
    onMounted(() => root.value && adoptPrimeStyles(root.value))

    const listeners = Object.fromEntries(
      emits.map((name) => [toHandlerKey(camelize(name)), (...args: unknown[]) => emit(name, ...args)]),
    )
    return () =>
      h(
        'div',
        {
          ref: 'root',
          class: ['mtchat-prime', `mtchat-prime--${theme.value}`, { 'mtchat-prime--apart': isApart.value }],
        },
        [h(MTChat, { ...(props as object), ...listeners, ref: chat, theme: theme.value } as never, slots as never)],
      )
  },
}) as unknown as typeof MTChat
