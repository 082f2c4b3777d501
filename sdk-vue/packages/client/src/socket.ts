/**
 * MTChatWebSocket: one connection that comes back by itself. Owns the socket, the heartbeat and the waiting;
 * what frames mean is the client's business.
 *
 *   idle -> connecting -> online -> waiting -> connecting ...      `unauthorized` and `idle` stay until told otherwise
 *
 * "online" starts with the server's `connected` frame, not with the open socket: a server may accept a socket
 * only to close it with a reason.
 */
import { backoffMs, FIRST_WAIT_MS } from './backoff'
import { closeRule, retryAfterOf } from './closeCodes'
import type { GetToken } from './config'
import { whenOnline, whenVisibilityChanges } from './environment'
import { asError, MTChatError } from './errors'
import { TokenSource } from './tokens'
import type { WsClientMessage, WsEvent } from './types'

export type SocketState = 'idle' | 'connecting' | 'online' | 'waiting' | 'unauthorized'

export interface WsClientOptions {
  url: string
  userId: string
  token?: string | undefined
  getToken?: GetToken | undefined
  /** Shared with REST; wins over `token` and `getToken`. */
  tokens?: TokenSource | undefined
  onConnect?: (() => void) | undefined
  onDisconnect?: (() => void) | undefined
  onError?: ((error: Error) => void) | undefined
  onMessage?: ((event: WsEvent) => void) | undefined
  onStateChange?: ((state: SocketState) => void) | undefined
  reconnect?: boolean | undefined
  /** Bound of the first wait, ms. */
  reconnectInterval?: number | undefined
  heartbeatInterval?: number | undefined
  /** Nothing heard so long after a ping: the connection is dead, ms. */
  pongTimeout?: number | undefined
}

export const HEARTBEAT_MS = 30_000
export const PONG_TIMEOUT_MS = 10_000
/** A connection that lived shorter does not reset the back-off, or a server in a crash loop would be stormed. */
const STABLE_MS = 5_000
/** With a refused handshake the browser hides why; every so many in a row the token is suspected. */
const SUSPECT_TOKEN_EVERY = 4

export class MTChatWebSocket {
  state: SocketState = 'idle'
  private ws: WebSocket | undefined
  private readonly tokens: TokenSource
  private readonly subscriptions = new Set<string>()
  private unhook: (() => void)[] = []
  private timer: ReturnType<typeof setTimeout> | undefined
  private heartbeat: ReturnType<typeof setInterval> | undefined
  private pong: ReturnType<typeof setTimeout> | undefined
  /** Raised by every connect and disconnect; what was awaited for an older one is void. */
  private generation = 0
  private attempt = 0
  private onlineSince = 0
  private usedToken: string | undefined

  constructor(private readonly options: WsClientOptions) {
    this.tokens = options.tokens ?? new TokenSource(options.token, options.getToken)
  }

  get isConnected(): boolean {
    return this.state === 'online'
  }

  /** Does nothing while connected or on the way. */
  connect(): void {
    if (this.state === 'online' || this.state === 'connecting') return
    this.unhook.forEach((off) => off())
    this.unhook = [whenOnline(() => this.wake()), whenVisibilityChanges((visible) => visible && this.wake())]
    this.attempt = 0
    void this.open()
  }

  /** Closes for good; no `onDisconnect`. */
  disconnect(): void {
    this.unhook.forEach((off) => off())
    this.unhook = []
    this.subscriptions.clear()
    this.drop()
    this.setState('idle')
  }

  /** The token was refused elsewhere: stop until `connect()`. */
  refuse(error: Error): void {
    if (this.state === 'unauthorized' || this.state === 'idle') return
    const wasOnline = this.isConnected
    this.drop()
    this.setState('unauthorized')
    if (wasOnline) this.options.onDisconnect?.()
    this.options.onError?.(error)
  }

  /** False when there is no connection: the frame is dropped. */
  send(frame: WsClientMessage): boolean {
    if (!this.isConnected || this.ws?.readyState !== 1) return false
    this.ws.send(JSON.stringify(frame))
    return true
  }

  subscribe(dialogId: string): void {
    this.subscriptions.add(dialogId)
    this.send({ type: 'subscribe', dialog_id: dialogId })
  }

  unsubscribe(dialogId: string): void {
    this.subscriptions.delete(dialogId)
    this.send({ type: 'unsubscribe', dialog_id: dialogId })
  }

  /** Asks for a sign of life; silence for `pongTimeout` ends the connection. */
  ping(): void {
    if (!this.send({ type: 'ping' })) return
    this.pong ??= setTimeout(() => this.lost(1006, ''), this.options.pongTimeout ?? PONG_TIMEOUT_MS)
  }

  /** The network or the reader is back: do not wait any longer, do not trust an old connection. */
  private wake(): void {
    if (this.state === 'online') this.ping()
    else if (this.state === 'waiting') {
      this.attempt = 0
      void this.open()
    }
  }

  private async open(): Promise<void> {
    this.drop()
    const generation = this.generation
    this.setState('connecting')
    const suspect = this.attempt % SUSPECT_TOKEN_EVERY === 1
    try {
      const asks = suspect && this.tokens.canRenew
      const token = asks ? await this.tokens.renew(this.usedToken) : await this.tokens.current()
      this.usedToken = token ?? this.tokens.held
    } catch (error) {
      if (generation === this.generation) this.waitAndReturn(0, asError(error))
      return
    }
    if (generation !== this.generation) return
    // The host has no token: without one nobody comes in, so nothing is tried until it calls `connect()`.
    if (this.usedToken === undefined && this.tokens.canRenew) {
      return this.refuse(new MTChatError('UNAUTHORIZED', 'There is no token to connect with', 401))
    }
    this.dial()
  }

  private dial(): void {
    const { url, userId } = this.options
    const identity = this.usedToken
      ? `token=${encodeURIComponent(this.usedToken)}`
      : `user_id=${encodeURIComponent(userId)}`
    let ws: WebSocket
    try {
      ws = new WebSocket(`${url}${url.includes('?') ? '&' : '?'}${identity}`)
    } catch (error) {
      // A malformed address: no waiting will mend it.
      this.setState('idle')
      this.options.onError?.(asError(error))
      return
    }
    this.ws = ws
    ws.onmessage = ({ data }) => this.receive(data)
    ws.onerror = () => this.options.onError?.(new MTChatError('SOCKET_ERROR', 'The connection failed'))
    ws.onclose = ({ code, reason }) => this.lost(code, reason)
  }

  private receive(data: unknown): void {
    clearTimeout(this.pong)
    this.pong = undefined
    let event: WsEvent
    try {
      event = JSON.parse(String(data)) as WsEvent
    } catch {
      return
    }
    if (typeof event?.type !== 'string') return
    if (event.type === 'connected' && !this.isConnected) this.greeted()
    this.options.onMessage?.(event)
  }

  private greeted(): void {
    this.onlineSince = Date.now()
    this.heartbeat = setInterval(() => this.ping(), this.options.heartbeatInterval ?? HEARTBEAT_MS)
    this.setState('online')
    for (const id of this.subscriptions) this.send({ type: 'subscribe', dialog_id: id })
    this.options.onConnect?.()
  }

  private lost(code: number, reason: string): void {
    const wasOnline = this.isConnected
    const stable = wasOnline && Date.now() - this.onlineSince >= STABLE_MS
    this.drop()
    if (stable) this.attempt = 0
    const rule = closeRule(code)
    if (rule.action === 'token') void this.renewToken(reason)
    else if (rule.action === 'stop') this.stopped(code)
    else if (this.options.reconnect === false) this.setState('idle')
    else if (rule.action === 'now' && stable) void this.open()
    else this.waitAndReturn(retryAfterOf(reason) || rule.atLeastMs)
    if (wasOnline) this.options.onDisconnect?.()
  }

  private stopped(code: number): void {
    this.setState('idle')
    this.options.onError?.(new MTChatError('SOCKET_ERROR', `The server ended the connection for good (${code})`))
  }

  private async renewToken(reason: string): Promise<void> {
    const generation = this.generation
    this.setState('waiting')
    const token = await this.tokens.renew(this.usedToken).catch(() => undefined)
    if (generation !== this.generation) return
    if (token) this.waitAndReturn(0)
    else this.refuse(new MTChatError('UNAUTHORIZED', reason || 'The server refused the token', 401))
  }

  private waitAndReturn(atLeastMs: number, error?: Error): void {
    if (error) this.options.onError?.(error)
    this.setState('waiting')
    const wait = atLeastMs + backoffMs(this.attempt++, this.options.reconnectInterval ?? FIRST_WAIT_MS)
    this.timer = setTimeout(() => void this.open(), wait)
  }

  /** Let go of the socket and of everything timed; its late callbacks are cut off. */
  private drop(): void {
    this.generation++
    clearTimeout(this.timer)
    clearTimeout(this.pong)
    clearInterval(this.heartbeat)
    this.pong = undefined
    const ws = this.ws
    this.ws = undefined
    if (!ws) return
    ws.onmessage = ws.onerror = ws.onclose = null
    ws.close(1000)
  }

  private setState(state: SocketState): void {
    if (this.state === state) return
    this.state = state
    this.options.onStateChange?.(state)
  }
}
