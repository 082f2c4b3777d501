import { inject, provide, type ComputedRef, type InjectionKey } from 'vue'
import type { DialogListItem, Message, MTChatConfig } from '@mtchat/client'
import type { UseChatReturn } from '../../composables/useChat'
import type { UseFileUploadReturn } from '../../composables/useFileUpload'
import type { Layout } from './useLayout'
import type { People } from './usePeople'

export interface Question {
  title: string
  text: string
  /** Text of the button that does it. */
  action: string
}

/** What can be done about a notice: to undo it. */
export interface NoticeAction {
  label: string
  run(): void
}

/** What every part of one MTChat shares. */
export interface ChatContext {
  chat: UseChatReturn
  uploads: UseFileUploadReturn
  config: ComputedRef<MTChatConfig>
  userId: ComputedRef<string>
  isInline: ComputedRef<boolean>
  layout: Layout
  /** The lists are on their way, or were never asked for yet: what is missing may still come. */
  isExpecting: ComputedRef<boolean>
  people: People
  /** Asks before something is destroyed; false: the user thought better of it. */
  confirm(question: Question): Promise<boolean>
  /** Says a sentence to screen readers. */
  announce(text: string): void
  /** Shows a sentence for a few seconds. */
  notify(text: string, action?: NoticeAction): void
  /** Awaits an operation whose failure `chat.error` already carries; undefined then. */
  attempt<T>(operation: Promise<T>): Promise<T | undefined>
  leave(dialogId: string): Promise<void>
  openViewer(attachmentId: string): void
  openJoin(): void
  openReaders(message: Message): void
  retrySend(key: string): void
  /** Takes a failed send off the list and its text back into the composer. */
  discardSend(key: string): void
  messageSent(message: Message): void
  /** Tells the host that the link to the object was clicked. */
  navigate(dialog: DialogListItem, event: MouseEvent): void
  focusComposer(): void
  /** Keeps the focus in the chat when what had it is gone. */
  catchFocus(): void
}

const CHAT_KEY: InjectionKey<ChatContext> = Symbol('mtchat')

export function provideChat(context: ChatContext): void {
  provide(CHAT_KEY, context)
}

/** @throws outside MTChat. */
export function useChatContext(): ChatContext {
  const context = inject(CHAT_KEY, null)
  if (!context) throw new Error('[MTChat] this part must be inside MTChat')
  return context
}
