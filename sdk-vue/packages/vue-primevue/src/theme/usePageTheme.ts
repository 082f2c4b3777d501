import { usePrimeVue } from 'primevue/config'
import { onBeforeUnmount, onMounted, shallowRef, type Ref } from 'vue'

const DARK_CLASSES = '.dark-mode, .p-dark'
export type Shade = 'light' | 'dark'

const PREFERS_DARK = '(prefers-color-scheme: dark)'

/** The selector that PrimeVue was told to be dark for; `system` is its default, false means never. */
function primeSelector(): string | false {
  const { theme } = usePrimeVue().config
  const options = (theme as { options?: { darkModeSelector?: string | false } } | undefined)?.options
  return options?.darkModeSelector ?? 'system'
}

/**
 * Whether the page around `root` is dark: an element around it has the class `dark-mode` or `p-dark`, or PrimeVue itself
 * is dark there. And which of the two the person prefers. Followed while the component lives.
 */
export function usePageTheme(root: Readonly<Ref<HTMLElement | null>>) {
  const page = shallowRef<Shade>('light')
  const preferred = shallowRef<Shade>('light')
  const selector = primeSelector()
  const follows = selector === 'system'
  const dark = selector && !follows && selector !== 'none' ? `${DARK_CLASSES}, ${selector}` : DARK_CLASSES
  let stop: () => void = () => undefined

  onMounted(() => {
    const preference = matchMedia(PREFERS_DARK)
    function look() {
      preferred.value = preference.matches ? 'dark' : 'light'
      page.value = root.value?.closest(dark) || (follows && preference.matches) ? 'dark' : 'light'
    }
    const observer = new MutationObserver(look)
    for (let node = root.value?.parentElement; node; node = node.parentElement) {
      observer.observe(node, { attributes: true })
    }
    preference.addEventListener('change', look)
    stop = () => {
      observer.disconnect()
      preference.removeEventListener('change', look)
    }
    look()
  })
  onBeforeUnmount(() => stop())
  return { page, preferred }
}
