/** The browser's end of a socket to a FakeServer: the part of `WebSocket` that our client uses. */

export interface SocketHost {
  /** Answer the handshake: `welcome()` or `end(1006)`. */
  accept(socket: FakeSocket): void
  frame(socket: FakeSocket, frame: Record<string, unknown>): void
  gone(socket: FakeSocket): void
}

export class FakeSocket {
  readyState = 0
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onerror: (() => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null
  readonly query: URLSearchParams
  /** Frames the client sent, parsed. */
  readonly received: Record<string, unknown>[] = []
  /** Which user the server took it for. */
  userId = ''

  constructor(
    readonly url: string,
    private readonly host: SocketHost,
  ) {
    this.query = new URL(url).searchParams
    queueMicrotask(() => this.readyState === 0 && host.accept(this))
  }

  /** The client's. */
  send(data: string): void {
    const frame = JSON.parse(data) as Record<string, unknown>
    this.received.push(frame)
    this.host.frame(this, frame)
  }

  /** The client's. */
  close(): void {
    this.readyState = 3
    this.host.gone(this)
  }

  /** The server's: open, and say hello. */
  welcome(frame: Record<string, unknown>): void {
    this.readyState = 1
    this.onopen?.()
    this.deliver(frame)
  }

  /** The server's. Frames pass through JSON, as on the wire. */
  deliver(frame: object): void {
    if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify(frame) })
  }

  /** The server's. */
  end(code: number, reason = ''): void {
    if (this.readyState === 3) return
    const wasOpen = this.readyState === 1
    this.readyState = 3
    this.host.gone(this)
    if (!wasOpen) this.onerror?.()
    this.onclose?.({ code, reason })
  }
}
