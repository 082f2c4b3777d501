/**
 * Pictures of the playground, to be looked at: the chat in every theme, mode, language and width, and every state of it.
 * Usage: CHROMIUM_PATH=… node playground/screenshots.mjs <directory> [part of a picture's name]
 */
import { takePictures } from './pictures.mjs'
import { enter, STATES } from './states.mjs'

const WIDTHS = [320, 360, 480, 768, 1200]
const LOCALES = ['ru', 'en', 'zh']
const THEMES = ['light', 'dark']

/** Every picture: its name, the state, what the playground is asked for, and the width of the window. */
function* pictures() {
  for (const theme of THEMES) {
    for (const mode of ['full', 'inline']) {
      const wide = mode === 'full' ? 1280 : 480
      for (const locale of LOCALES) yield [`${mode}-${theme}-${locale}`, 'chat', { theme, mode, locale }, wide]
      for (const width of WIDTHS) yield [`${mode}-${theme}-${width}`, 'chat', { theme, mode, locale: 'ru' }, width]
    }
  }
  for (const [index, [name, { only }]] of Object.entries(STATES).entries()) {
    const locale = LOCALES[index % LOCALES.length]
    const theme = THEMES[index % THEMES.length]
    yield [`state-${name}`, name, { theme, locale }, 1280]
    yield [`state-${name}-320`, name, { theme, locale }, 320]
    if (!only) yield [`state-${name}-inline`, name, { theme, locale, mode: 'inline' }, 480]
  }
}

await takePictures(pictures(), enter)
