import { Extension, type Extensions } from '@tiptap/core'
import Mention from '@tiptap/extension-mention'
import { Placeholder } from '@tiptap/extensions'
import StarterKit from '@tiptap/starter-kit'
import type { MentionPopup } from './useMentions'

export interface EditorKeys {
  submit: () => void
  escape: () => void
  editLast: () => void
  openLink: () => void
  isMentioning: () => boolean
}

/** What Enter does in a document; plain Enter sends. */
const newLine = Extension.create({
  name: 'newLine',
  addKeyboardShortcuts() {
    return {
      'Shift-Enter': ({ editor }) =>
        editor.commands.first(({ commands }) => [
          () => commands.newlineInCode(),
          () => commands.splitListItem('listItem'),
          () => commands.createParagraphNear(),
          () => commands.liftEmptyBlock(),
          () => commands.splitBlock(),
        ]),
    }
  },
})

const chatKeys = (keys: EditorKeys) =>
  Extension.create({
    name: 'chatKeys',
    priority: 1000,
    addKeyboardShortcuts() {
      return {
        Enter: ({ editor }) => {
          if (keys.isMentioning() || editor.view.composing) return false
          keys.submit()
          return true
        },
        Escape: () => {
          if (keys.isMentioning()) return false
          keys.escape()
          return true
        },
        ArrowUp: ({ editor }) => {
          if (!editor.isEmpty || keys.isMentioning()) return false
          keys.editLast()
          return true
        },
        'Mod-Shift-l': () => {
          keys.openLink()
          return true
        },
        'Mod-Shift-c': ({ editor }) => editor.commands.toggleCodeBlock(),
        'Mod-\\': ({ editor }) => editor.chain().clearNodes().unsetAllMarks().run(),
      }
    },
  })

const withClass = (name: string) => ({ HTMLAttributes: { class: `mtchat-${name}` } })

/** The classes are those of stored messages: what is written here looks the same everywhere. */
export function makeExtensions(placeholder: () => string, keys: EditorKeys, mentions: MentionPopup): Extensions {
  return [
    StarterKit.configure({
      heading: false,
      horizontalRule: false,
      trailingNode: false,
      bold: withClass('bold'),
      italic: withClass('italic'),
      strike: withClass('strike'),
      code: withClass('code'),
      codeBlock: withClass('code-block'),
      blockquote: withClass('blockquote'),
      bulletList: withClass('bullet-list'),
      orderedList: withClass('ordered-list'),
      link: {
        openOnClick: false,
        autolink: true,
        defaultProtocol: 'https',
        protocols: ['http', 'https'],
        HTMLAttributes: { class: 'mtchat-link', target: '_blank', rel: 'noopener noreferrer' },
      },
    }),
    Placeholder.configure({ placeholder }),
    Mention.extend({
      // Older messages carry only the class.
      parseHTML: () => [{ tag: 'span[data-type="mention"]' }, { tag: 'span.mtchat-mention' }],
      addAttributes() {
        return {
          ...this.parent?.(),
          label: {
            default: null,
            parseHTML: (element) => element.getAttribute('data-label') ?? element.textContent?.replace(/^@/, ''),
            renderHTML: ({ label }) => (label ? { 'data-label': label as string } : {}),
          },
        }
      },
    }).configure({
      HTMLAttributes: { class: 'mtchat-mention' },
      renderText: ({ node }) => `@${(node.attrs.label ?? node.attrs.id) as string}`,
      suggestion: mentions.suggestion,
    }),
    newLine,
    chatKeys(keys),
  ]
}
