import { onMounted } from 'vue'
import { adoptStyles, hasAdopted } from './adopt'
import { adoptBasics } from './basics'
import { useTheme } from './useTheme'

/**
 * For a part that is fetched on first use: its styles come with it.
 * Outside of a chat they come only where a chat has brought its own; elsewhere the host has style.css.
 */
export function usePartStyles(css: string): void {
  const theme = useTheme()
  onMounted(() => {
    const element = theme?.root.value ?? (hasAdopted(document) ? document.body : null)
    if (!element) return
    // The basics first: what comes later refines them.
    adoptBasics(element)
    adoptStyles(element, css)
  })
}
