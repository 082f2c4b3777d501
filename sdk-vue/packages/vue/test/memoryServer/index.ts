/**
 * MemoryServer stands in for the whole server inside one page or test: `fetch`, `WebSocket` and uploads to its origin
 * are answered from a World. To extend it: add a route to routes.ts, or call `push` for a frame nobody asked for.
 */
import { Refusal, ROUTES, type Call } from './routes'
import type { World } from './world'

export { Refusal } from './routes'
export { World, type StoredDialog } from './world'

export const ORIGIN = 'https://memory.example'

type Rule = { matches: (method: string, path: string) => boolean; answer: () => Response | Promise<Response> }

const json = (body: unknown, status = 200) =>
  new Response(body === undefined ? null : JSON.stringify(body), {
    status: body === undefined ? 204 : status,
    headers: { 'content-type': 'application/json' },
  })

export class MemoryServer {
  readonly calls: string[] = []
  /** Turns every connection away. */
  isDown = false
  private readonly sockets = new Set<MemorySocket>()
  private readonly rules: Rule[] = []
  private readonly originals = {
    fetch: globalThis.fetch,
    WebSocket: globalThis.WebSocket,
    XMLHttpRequest: globalThis.XMLHttpRequest,
  }

  constructor(readonly world: World) {}

  /** Takes the place of the network for requests to ORIGIN; the others go where they went. */
  install(): this {
    const { fetch } = this.originals
    const accept = (socket: MemorySocket) => this.accept(socket)
    globalThis.fetch = (input, init) => {
      const url = new URL(input instanceof Request ? input.url : String(input), 'https://page.example')
      if (url.origin !== ORIGIN) return fetch(input, init)
      return this.answer(url, init)
    }
    globalThis.WebSocket = class extends MemorySocket {
      constructor(url: string | URL) {
        super(String(url), accept)
      }
    } as unknown as typeof WebSocket
    globalThis.XMLHttpRequest = MemoryUpload as unknown as typeof XMLHttpRequest
    return this
  }

  uninstall(): void {
    Object.assign(globalThis, this.originals)
    for (const socket of this.sockets) socket.close()
  }

  /** The next calls that match are answered by `answer`; returns a function that ends this. */
  intercept(method: string, path: RegExp, answer: Rule['answer']): () => void {
    const rule: Rule = { matches: (m, p) => m === method && path.test(p), answer }
    this.rules.unshift(rule)
    return () => void this.rules.splice(this.rules.indexOf(rule), 1)
  }

  /** Answers the matching calls with an error of the server. */
  refuse(method: string, path: RegExp, status = 500, code = 'INTERNAL_ERROR'): () => void {
    return this.intercept(method, path, () => json({ error: { code, message: code } }, status))
  }

  /** Sends a frame to these people's sockets. */
  push(frame: Record<string, unknown>, userIds: Iterable<string>): void {
    const receivers = new Set(userIds)
    const text = JSON.stringify(frame)
    for (const socket of this.sockets) if (receivers.has(socket.userId)) socket.receive(text)
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of [...this.sockets]) socket.drop()
  }

  private accept(socket: MemorySocket) {
    if (this.isDown) return socket.drop()
    this.sockets.add(socket)
    socket.onDropped = () => void this.sockets.delete(socket)
    socket.receive(JSON.stringify({ type: 'connected', employee_id: socket.userId }))
  }

  private async answer(url: URL, init?: RequestInit): Promise<Response> {
    const method = init?.method ?? 'GET'
    const path = url.pathname.replace('/api/v1', '')
    this.calls.push(`${method} ${path}`)
    await Promise.resolve()
    if (init?.signal?.aborted) throw new DOMException('aborted', 'AbortError')
    const rule = this.rules.find(({ matches }) => matches(method, path))
    if (rule) return rule.answer()
    const call: Call = {
      userId: url.searchParams.get('user_id') ?? '',
      params: [],
      query: url.searchParams,
      body: init?.body ? (JSON.parse(String(init.body)) as Record<string, unknown>) : {},
    }
    return this.run(method, path, call)
  }

  private run(method: string, path: string, call: Call): Response {
    for (const [route, handler] of Object.entries(ROUTES)) {
      const [wanted, pattern = ''] = route.split(' ')
      const match = new RegExp(`^${pattern.replaceAll(':', '([^/]+)')}$`).exec(path)
      if (wanted !== method || !match) continue
      call.params = match.slice(1).map(decodeURIComponent)
      try {
        return json(handler(call, this.world, (frame, to) => this.push(frame, to)))
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return json({ error: { code: error.code, message: error.message } }, error.status)
      }
    }
    return json({ error: { code: 'NOT_FOUND', message: `no route ${method} ${path}` } }, 404)
  }
}

/** The browser's end of a connection. */
class MemorySocket extends EventTarget {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static readonly CLOSING = 2
  static readonly CLOSED = 3
  readyState = 0
  onopen: ((event: Event) => void) | null = null
  onmessage: ((event: MessageEvent) => void) | null = null
  onclose: ((event: CloseEvent) => void) | null = null
  onerror: ((event: Event) => void) | null = null
  onDropped: () => void = () => undefined
  readonly userId: string

  constructor(url: string, accept: (socket: MemorySocket) => void) {
    super()
    this.userId = new URL(url).searchParams.get('user_id') ?? ''
    queueMicrotask(() => {
      if (this.readyState !== 0) return
      this.readyState = 1
      this.tell(new Event('open'), this.onopen)
      accept(this)
    })
  }

  send(text: string): void {
    const frame = JSON.parse(text) as { type: string }
    if (frame.type === 'ping') this.receive('{"type":"pong"}')
    if (frame.type === 'resume') this.receive('{"type":"resumed","state":{},"reload":[],"gone":[]}')
  }

  receive(data: string): void {
    if (this.readyState === 1) this.tell(new MessageEvent('message', { data }), this.onmessage)
  }

  drop(code = 1006): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.onDropped()
    const event = Object.assign(new Event('close'), { code, reason: '', wasClean: code === 1000 }) as CloseEvent
    this.tell(event, this.onclose)
  }

  close(code = 1000): void {
    this.drop(code)
  }

  private tell<E extends Event>(event: E, handler: ((event: E) => void) | null) {
    handler?.(event)
    this.dispatchEvent(event)
  }
}

/** An upload that takes a moment and always succeeds. */
class MemoryUpload extends EventTarget {
  readonly upload = new EventTarget() as EventTarget & { onprogress?: ((event: ProgressEvent) => void) | null }
  status = 0
  onload: (() => void) | null = null
  onerror: (() => void) | null = null
  onabort: (() => void) | null = null
  private timer: ReturnType<typeof setTimeout> | undefined

  open(): void {}
  setRequestHeader(): void {}

  send(body: Blob): void {
    const progress = (loaded: number) => {
      const event = Object.assign(new Event('progress'), { loaded, total: body.size, lengthComputable: true })
      this.upload.onprogress?.(event as ProgressEvent)
      this.upload.dispatchEvent(event)
    }
    progress(body.size / 2)
    this.timer = setTimeout(() => {
      progress(body.size)
      this.status = 200
      this.onload?.()
      this.dispatchEvent(new Event('load'))
    }, 50)
  }

  abort(): void {
    clearTimeout(this.timer)
    this.onabort?.()
    this.dispatchEvent(new Event('abort'))
  }
}
