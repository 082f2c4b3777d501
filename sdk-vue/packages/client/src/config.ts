/** What a host configures. camelCase, because the host writes it. */
import type { WsEvent } from './types'

export type ChatMode = 'full' | 'inline'
export type Locale = 'ru' | 'en' | 'zh' | (string & {})

/**
 * What the user may see: tenants, departments, roles. A dialog matches when each level shares a value;
 * an empty level of the dialog matches anybody, an empty level of the user matches nothing but that.
 */
export interface ScopeConfig {
  scopeLevel0: string[]
  scopeLevel1: string[]
  scopeLevel2: string[]
}

/** Who the user is when joining a dialog. */
export interface UserProfile {
  displayName: string
  company: string
  email?: string
  phone?: string
}

/** Texts a host replaces: a part of a locale's table, nested as the table is. */
export interface LocaleMessages {
  [key: string]: string | LocaleMessages
}

/** Returns a fresh token, or null when there is none to be had (the connection then stays closed). */
export type GetToken = () => string | null | undefined | Promise<string | null | undefined>

export interface MTChatConfig {
  /** Origin of the server, with a path prefix if it has one. */
  baseUrl: string
  userId: string
  scopeConfig: ScopeConfig
  userProfile: UserProfile
  /** A token by value. */
  token?: string
  /** A token on demand: asked at the start when `token` is absent, and again whenever the server refuses the one in use. */
  getToken?: GetToken
  /** Address of the socket; default: `baseUrl` with ws(s) and `/api/v1/ws`. */
  wsUrl?: string
  /** Default `ru`. */
  locale?: Locale
  /** Host texts, merged over those of the locale. */
  messages?: LocaleMessages
  /** Come back by itself after the socket is lost; default true. */
  reconnect?: boolean
  /** Bound of the first wait before coming back, ms; doubles up to 30 s, each wait is random below its bound. Default 500. */
  reconnectInterval?: number
  /** Ping every so many ms; default 30000. */
  heartbeatInterval?: number
  /** Give up a REST call after so many ms; default 15000. */
  requestTimeout?: number
  onConnect?: () => void
  onDisconnect?: () => void
  onError?: (error: Error) => void
  /** Every frame of the socket. */
  onMessage?: (event: WsEvent) => void
}
