import type { ChatMode, DialogListItem, Message, MTChatConfig } from '@mtchat/client'

export interface MTChatProps {
  config: MTChatConfig
  /** List and chat (default), or one chat. */
  mode?: ChatMode
  /** Inline: the object whose newest chat is shown. Full: with both set, only that object's chats are listed. */
  objectId?: string
  objectType?: string
  /** Opened after the list has loaded; a later change opens the new one. */
  dialogId?: string
  showHeader?: boolean
  showSidebar?: boolean
  showTabs?: boolean
  showSearch?: boolean
  searchPlaceholder?: string
  showContextMenu?: boolean
  /** Ctrl+K to search and ? for all keys, while the focus is in the chat. Default true. */
  shortcuts?: boolean
  /** `light` (default), `dark`, `auto`, or the name of a theme of the host: class `mtchat--<theme>`. */
  theme?: string
  /** Wins over `config.token`. */
  token?: string
  /** The link to the object becomes a button that emits `object-navigate`. */
  interceptObjectNavigation?: boolean
}

export interface ObjectNavigateEvent {
  dialog: DialogListItem
  originalEvent: MouseEvent
}

export interface MTChatEmits {
  connected: []
  disconnected: []
  error: [error: Error]
  'message-sent': [message: Message]
  'dialog-selected': [dialog: DialogListItem]
  'dialog-joined': [dialogId: string]
  'dialog-left': [dialogId: string]
  'object-navigate': [event: ObjectNavigateEvent]
}

export interface MTChatSlots {
  'sidebar-action'?(): unknown
  'header-menu-actions'?(props: { dialog: DialogListItem; closeMenu: () => void; menuItemClass: string }): unknown
}

export type MobileView = 'list' | 'chat' | 'info'
