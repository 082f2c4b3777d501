import type { ChainedCommands, Editor } from '@tiptap/core'
import type { IconName } from '../../icons'
import type { TranslationStrings } from '../../i18n'

export interface Format {
  icon: IconName
  text: keyof TranslationStrings['formatting']
  /** Shown behind the name; `Mod` is the platform's own key. */
  keys?: string
  isActive?: (editor: Editor) => boolean
  run: (chain: ChainedCommands) => ChainedCommands
}

/** Always in the bar. */
export const mainFormats: Format[] = [
  { icon: 'bold', text: 'bold', keys: 'Mod+B', isActive: (e) => e.isActive('bold'), run: (c) => c.toggleBold() },
  {
    icon: 'italic',
    text: 'italic',
    keys: 'Mod+I',
    isActive: (e) => e.isActive('italic'),
    run: (c) => c.toggleItalic(),
  },
  {
    icon: 'underline',
    text: 'underline',
    keys: 'Mod+U',
    isActive: (e) => e.isActive('underline'),
    run: (c) => c.toggleUnderline(),
  },
  {
    icon: 'strikethrough',
    text: 'strikethrough',
    keys: 'Mod+Shift+S',
    isActive: (e) => e.isActive('strike'),
    run: (c) => c.toggleStrike(),
  },
]

/** In the bar when there is room, else in its menu. */
export const moreFormats: Format[] = [
  {
    icon: 'list-bullet',
    text: 'bulletList',
    isActive: (e) => e.isActive('bulletList'),
    run: (c) => c.toggleBulletList(),
  },
  {
    icon: 'list-numbered',
    text: 'numberedList',
    isActive: (e) => e.isActive('orderedList'),
    run: (c) => c.toggleOrderedList(),
  },
  { icon: 'quote', text: 'quote', isActive: (e) => e.isActive('blockquote'), run: (c) => c.toggleBlockquote() },
  { icon: 'code', text: 'inlineCode', keys: 'Mod+E', isActive: (e) => e.isActive('code'), run: (c) => c.toggleCode() },
  {
    icon: 'code-block',
    text: 'codeBlock',
    keys: 'Mod+Shift+C',
    isActive: (e) => e.isActive('codeBlock'),
    run: (c) => c.toggleCodeBlock(),
  },
  { icon: 'clear-formatting', text: 'clearFormatting', keys: 'Mod+\\', run: (c) => c.clearNodes().unsetAllMarks() },
]

/** A shortcut as this platform writes it: `⌘⇧S` on a Mac, `Ctrl+Shift+S` elsewhere. */
export function keysText(keys: string): string {
  const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent)
  if (!isMac) return keys.replace('Mod', 'Ctrl')
  return keys.replace('Mod', '⌘').replace('Shift', '⇧').replaceAll('+', '')
}
