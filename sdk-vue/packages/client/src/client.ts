/** MTChatClient: REST and the socket of one user at one server, under one identity and one token. */
import type { MTChatConfig } from './config'
import { MTChatApi } from './rest'
import type { SocketState } from './socket'
import { MTChatWebSocket } from './socket'
import { TokenSource } from './tokens'
import type { JoinDialogRequest, Message, WsEvent, WsEventHandler, WsEventType } from './types'

export interface ClientFeatures {
  /** The server replays what was missed (`resume`), and repeats of a send are safe. */
  resume: boolean
}

/** `ws(s)://host/prefix/api/v1/ws`; a relative base is taken from the page. */
export function socketUrl(baseUrl: string): string {
  const url = new URL(`${baseUrl.replace(/\/+$/, '')}/api/v1/ws`, globalThis.location?.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return url.href
}

export class MTChatClient {
  readonly api: MTChatApi
  /** Of the server last greeted. */
  features: ClientFeatures = { resume: false }
  /** Raised by each greeting: something read under another number may have missed events. */
  epoch = 0
  private config: MTChatConfig
  /** As it was when the client was made: a host may change its config object in place. */
  private readonly identity: string
  private readonly tokens: TokenSource
  private readonly handlers = new Map<string, Set<WsEventHandler>>()
  private socket: MTChatWebSocket | undefined

  constructor(config: MTChatConfig) {
    this.config = { ...config }
    this.identity = identityOf(config)
    this.tokens = new TokenSource(config.token, config.getToken && (() => this.config.getToken?.()))
    this.api = new MTChatApi(config.baseUrl, config.userId, config.scopeConfig, undefined, {
      tokens: this.tokens,
      timeoutMs: config.requestTimeout,
      onUnauthorized: (error) => this.socket?.refuse(error),
    })
  }

  get userId(): string {
    return this.config.userId
  }

  get isConnected(): boolean {
    return this.socket?.isConnected ?? false
  }

  get connectionState(): SocketState {
    return this.socket?.state ?? 'idle'
  }

  connect(): void {
    // Made here and not in the constructor: on a server there is no page to take a relative address from.
    this.socket ??= this.makeSocket()
    this.socket.connect()
  }

  disconnect(): void {
    this.socket?.disconnect()
  }

  /**
   * Take over callbacks and the token of a new config; false when the rest differs too much (another user,
   * server or scope): then a new client is needed.
   */
  update(config: MTChatConfig): boolean {
    if (identityOf(config) !== this.identity) return false
    const renewed = config.token !== this.config.token
    this.config = { ...config }
    if (renewed) {
      this.tokens.set(config.token)
      if (this.connectionState === 'unauthorized') this.connect()
    }
    return true
  }

  subscribe(dialogId: string): void {
    this.socket?.subscribe(dialogId)
  }

  unsubscribe(dialogId: string): void {
    this.socket?.unsubscribe(dialogId)
  }

  /** Tell the other members; the server passes on at most one per 2 s. */
  sendTyping(dialogId: string): boolean {
    return this.socket?.send({ type: 'typing', dialog_id: dialogId }) ?? false
  }

  /** Ask for what happened after these event numbers (at most 500 dialogs). False when the server cannot, or nobody is there. */
  resume(dialogs: Record<string, number>): boolean {
    return this.features.resume && (this.socket?.send({ type: 'resume', dialogs }) ?? false)
  }

  /** `event`: a frame type, or `*`. Returns the unsubscriber. */
  on(event: WsEventType | '*' | (string & {}), handler: WsEventHandler): () => void {
    const handlers = this.handlers.get(event) ?? new Set()
    this.handlers.set(event, handlers.add(handler))
    return () => this.off(event, handler)
  }

  off(event: WsEventType | '*' | (string & {}), handler: WsEventHandler): void {
    this.handlers.get(event)?.delete(handler)
  }

  sendMessage(dialogId: string, content: string): Promise<Message> {
    return this.api.sendMessage(dialogId, content)
  }

  joinDialog(dialogId: string, profile: JoinDialogRequest): Promise<{ status: string; dialog_id: string }> {
    return this.api.joinDialog(dialogId, profile)
  }

  leaveDialog(dialogId: string): Promise<void> {
    return this.api.leaveDialog(dialogId)
  }

  private makeSocket(): MTChatWebSocket {
    return new MTChatWebSocket({
      ...this.config,
      url: this.config.wsUrl || socketUrl(this.config.baseUrl),
      tokens: this.tokens,
      onConnect: () => this.epoch++,
      onDisconnect: () => {
        this.call(() => this.config.onDisconnect?.())
        this.emit({ type: 'disconnected' })
      },
      onError: (error) => {
        this.call(() => this.config.onError?.(error))
        this.emit({ type: 'error', error, payload: { error_message: error.message } })
      },
      onMessage: (event) => this.receive(event),
      onStateChange: (state) => this.emit({ type: 'state', state }, ['state']),
    })
  }

  private receive(event: WsEvent): void {
    if (event.type === 'connected') {
      this.features = { resume: (event.resume ?? event.payload?.resume) === true }
      this.call(() => this.config.onConnect?.())
    }
    this.call(() => this.config.onMessage?.(event))
    this.emit(event)
  }

  private emit(event: WsEvent, names = [event.type, '*']): void {
    for (const name of names) {
      for (const handler of [...(this.handlers.get(name) ?? [])]) this.call(() => handler(event))
    }
  }

  /** A host's mistake must not stop the chat: it is reported like an uncaught one, where that ends no process. */
  private call(callback: () => void): void {
    try {
      callback()
    } catch (error) {
      ;(globalThis.reportError ?? console.error)(error)
    }
  }
}

/** Everything a client is built from, as one string to compare. */
const identityOf = (c: MTChatConfig): string =>
  JSON.stringify([
    [c.baseUrl, c.wsUrl, c.userId, c.scopeConfig, !c.getToken],
    [c.reconnect, c.reconnectInterval, c.heartbeatInterval, c.requestTimeout],
  ])
