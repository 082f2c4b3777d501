import type { MTChatConfig, MTChatProps } from '@mtchat/vue'
import type { Ref } from 'vue'

/** What the page is to mount. */
export interface HostOptions {
  config: MTChatConfig
  props?: Partial<Omit<MTChatProps, 'config'>>
  /** Of the box around the chat, in pixels; all of the window by default. */
  width?: number
  /** What `getToken` answers, one after the other, then null; without them the config has no `getToken`. */
  tokens?: string[]
  withSlots?: boolean
}

/** `window.host` of the page. */
export interface HostWindow {
  options: HostOptions
  chat: Ref
  /** What the chat told its host, by name. */
  events: [name: string, payload: unknown][]
  /** Of the Content-Security-Policy. */
  violations: string[]
  mountedAt: number
}
