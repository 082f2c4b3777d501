import { inject, provide, type ComputedRef, type InjectionKey, type Ref } from 'vue'

export interface Theme {
  /** Name of the theme in use; the class `mtchat--<name>` carries it. */
  name: ComputedRef<string>
  /** The themed element: what teleported parts take their variables from. */
  root: Ref<HTMLElement | null>
  lang: ComputedRef<string | undefined>
  dir: ComputedRef<string | undefined>
}

const THEME_KEY: InjectionKey<Theme> = Symbol('mtchat-theme')

export function provideTheme(theme: Theme): void {
  provide(THEME_KEY, theme)
}

export function useTheme(): Theme | null {
  return inject(THEME_KEY, null)
}
