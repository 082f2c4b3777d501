import { computed, nextTick, shallowRef, toValue, watch, type MaybeRefOrGetter, type StyleValue } from 'vue'
import { useTheme } from './useTheme'

/** Variables that a teleported part must have, and the font it must share; see variables.css. */
const CARRIED = [
  ...['bg', 'bg-secondary', 'bg-hover', 'text', 'text-secondary', 'text-on-primary', 'border'],
  ...['primary', 'primary-hover', 'primary-bg', 'danger', 'danger-hover', 'danger-light', 'success', 'warning'],
  ...['focus-ring', 'focus-ring-strong', 'shadow', 'hover', 'input-bg', 'input-border', 'header-height'],
  ...['border-radius', 'border-radius-md', 'border-radius-lg', 'spacing-xs', 'spacing-sm', 'spacing-md', 'spacing-lg'],
  ...['avatar-saturation', 'avatar-back', 'avatar-front', 'font-family'],
].map((name) => `--mtchat-${name}`)

export interface Portal {
  class: string[]
  style: StyleValue
  lang: string | undefined
  dir: string | undefined
}

function readVariables(root: HTMLElement): Record<string, string> {
  const computedStyle = getComputedStyle(root)
  const style: Record<string, string> = {
    'font-family': computedStyle.fontFamily,
    'color-scheme': computedStyle.colorScheme,
  }
  for (const name of CARRIED) {
    const value = computedStyle.getPropertyValue(name)
    if (value) style[name] = value
  }
  return style
}

/**
 * Attributes for the outermost element of a teleported part, so that it looks like the chat it belongs to:
 * the theme's class and the variables as they are at the chat itself, whoever set them.
 * @param open when it turns true, and when the theme changes, the variables are read again.
 * @param override a theme name that wins over the chat's (a primitive used by a host alone).
 */
export function usePortal(open: MaybeRefOrGetter<boolean>, override?: MaybeRefOrGetter<string | undefined>) {
  const theme = useTheme()
  const style = shallowRef<Record<string, string>>({})
  const name = computed(() => toValue(override) ?? theme?.name.value ?? 'light')

  async function refresh() {
    if (!toValue(open) || !theme?.root.value) return
    // At once: what opens in one colour and gets another would fade from the one to the other.
    style.value = readVariables(theme.root.value)
    // The root gets the class of a new theme in this tick; its variables can be read after that.
    await nextTick()
    if (theme.root.value) style.value = readVariables(theme.root.value)
  }
  watch([() => toValue(open), name], refresh, { immediate: true })

  const portal = computed<Portal>(() => ({
    class: ['mtchat-portal', `mtchat--${name.value}`],
    style: style.value,
    lang: theme?.lang.value,
    dir: theme?.dir.value,
  }))
  return { portal, name, refresh }
}
