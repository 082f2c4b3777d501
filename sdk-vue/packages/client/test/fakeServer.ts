/**
 * FakeServer: an MTChat server in memory, speaking REST (through a stubbed `fetch`) and the socket (through a stubbed
 * `WebSocket`) for tests of the client and of what is built on it.
 *
 *   const server = new FakeServer()            // our server; `{ legacy: true }`: no seq, no resume, bare frames
 *   server.install()                           // replaces globalThis.fetch and WebSocket; `uninstall()` puts them back
 *   const dialog = server.addDialog({ members: ['anna', 'boris'] })
 *   server.say(dialog.id, 'boris', 'hello')    // committed and sent to every connected member
 *   server.cut() / server.mend()               // the network: sockets end with 1006, fetch rejects
 *   server.refuse('POST', /messages$/, 500)    // the next matching request fails; `times` for more
 *   const gate = server.hold('GET', /messages/) ... gate()    // matching requests wait until the gate opens
 *   server.requests                            // [{ method, path, query, body, headers, userId }]
 *   server.sockets                             // open FakeSockets: `deliver(frame)`, `end(code, reason)`, `received`
 *   server.tokens = new Set(['t1'])            // from now on only these tokens are let in
 *   server.deaf = true                         // pings are not answered
 *
 * Ids grow as UUIDv7 do. Time is the test's (`Date.now()`), so fake timers govern it. To extend it: a route is a line of `routes`
 * in fakeRoutes.ts, an event goes through `commit()`, which numbers, logs and sends it.
 */
import { answer, type FakeRequest } from './fakeRoutes'
import { FakeSocket, type SocketHost } from './fakeSocket'
import { FakeWorld } from './fakeWorld'

export type { FakeDialog, FakeMember, SayOptions } from './fakeWorld'

interface Rule {
  method: string
  pattern: RegExp
  status?: number
  code?: string
  headers?: Record<string, string>
  times: number
  gate?: Promise<void>
}

export class FakeServer extends FakeWorld implements SocketHost {
  readonly requests: FakeRequest[] = []
  sockets: FakeSocket[] = []
  /** Everything ever dialled, also refused. */
  readonly dialled: FakeSocket[] = []
  tokens: Set<string> | undefined
  deaf = false
  readonly online = new Set<string>()
  private isCut = false
  private rules: Rule[] = []
  private originals: [typeof fetch, typeof WebSocket] | undefined

  constructor({ legacy = false }: { legacy?: boolean } = {}) {
    super(legacy)
  }

  install(): this {
    this.originals = [globalThis.fetch, globalThis.WebSocket]
    globalThis.fetch = (input, init) => this.fetch(String(input), init ?? {})
    const open = (url: string) => {
      const socket = new FakeSocket(url, this)
      this.dialled.push(socket)
      return socket
    }
    globalThis.WebSocket = function (url: string) {
      return open(url)
    } as unknown as typeof WebSocket
    return this
  }

  uninstall(): void {
    if (this.originals) [globalThis.fetch, globalThis.WebSocket] = this.originals
    this.originals = undefined
  }

  tell(users: string[], frame: object): void {
    for (const socket of [...this.sockets]) if (users.includes(socket.userId)) socket.deliver(frame)
  }

  cut(): void {
    this.isCut = true
    for (const socket of [...this.sockets]) socket.end(1006)
  }

  mend(): void {
    this.isCut = false
  }

  refuse(method: string, pattern: RegExp, status: number, more: Partial<Rule> = {}): void {
    this.rules.push({ method, pattern, status, times: 1, ...more })
  }

  /** Returns what lets the waiting requests go on. */
  hold(method: string, pattern: RegExp): () => void {
    let open = () => {}
    const gate = new Promise<void>((resolve) => (open = resolve))
    const rule: Rule = { method, pattern, times: Infinity, gate }
    this.rules.push(rule)
    return () => {
      this.rules = this.rules.filter((r) => r !== rule)
      open()
    }
  }

  /** Requests so far that match; `since` a number of requests. */
  asked(method: string, pattern: RegExp, since = 0): FakeRequest[] {
    return this.requests.slice(since).filter((r) => r.method === method && pattern.test(r.path))
  }

  accept(socket: FakeSocket): void {
    const token = socket.query.get('token')
    const refused = this.isCut || (this.tokens && !this.tokens.has(token ?? ''))
    if (refused) return socket.end(1006)
    socket.userId = socket.query.get('user_id') ?? token?.split(':')[0] ?? ''
    this.sockets.push(socket)
    this.online.add(socket.userId)
    socket.welcome({ type: 'connected', employee_id: socket.userId, ...(!this.legacy && { resume: true }) })
  }

  frame(socket: FakeSocket, frame: Record<string, unknown>): void {
    if (frame.type === 'ping' && !this.deaf) socket.deliver({ type: 'pong' })
    if (frame.type === 'resume' && !this.legacy) {
      // Not within the client's own call: an answer takes its time.
      queueMicrotask(() => this.resume(socket, frame.dialogs as Record<string, number>))
    }
    if (frame.type === 'typing') {
      const members = [...(this.dialogs.get(String(frame.dialog_id))?.members.keys() ?? [])]
      this.tell(
        members.filter((m) => m !== socket.userId),
        { type: 'typing', dialog_id: frame.dialog_id, user_id: socket.userId },
      )
    }
  }

  gone(socket: FakeSocket): void {
    this.sockets = this.sockets.filter((s) => s !== socket)
  }

  /** What `design.md` 5 says: the missed, in order, then `resumed`. More than 20 missed (500 in earnest): reload. */
  private resume(socket: FakeSocket, dialogs: Record<string, number>): void {
    const state: Record<string, object> = {}
    const reload: string[] = []
    const gone: string[] = []
    for (const [id, seq] of Object.entries(dialogs)) {
      const dialog = this.dialogs.get(id)
      const member = dialog?.members.get(socket.userId)
      if (!dialog || !member) {
        gone.push(id)
        continue
      }
      const missed = dialog.log.filter((event) => event.seq > seq)
      if (missed.length > 20) reload.push(id)
      else for (const { frame } of missed) socket.deliver(frame)
      const reads = [...dialog.members.values()].filter((m) => m.user_id !== socket.userId && m.read)
      state[id] = {
        seq: dialog.log.length,
        last_read_message_id: member.read,
        unread_count: this.unread(dialog, socket.userId),
        is_pinned: member.pinned,
        is_archived: member.archived,
        notifications_enabled: member.notify,
        reads: Object.fromEntries(reads.map((m) => [m.user_id, m.read])),
      }
    }
    socket.deliver({ type: 'resumed', state, reload, gone })
  }

  private async fetch(input: string, init: RequestInit): Promise<Response> {
    const url = new URL(input, 'http://page.test')
    const headers = new Headers(init.headers)
    const path = url.pathname.replace('/api/v1', '')
    const token = headers.get('authorization')?.replace('Bearer ', '')
    const request: FakeRequest = {
      method: init.method ?? 'GET',
      path,
      query: url.searchParams,
      body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined,
      headers,
      userId: token?.split(':')[0] ?? url.searchParams.get('user_id') ?? '',
    }
    this.requests.push(request)
    if (this.isCut) throw new TypeError('fetch failed')
    await this.aborted(init.signal, this.applicable(request)?.gate)
    if (this.tokens && !this.tokens.has(token ?? '')) return envelope(401, 'UNAUTHORIZED')
    const rule = this.rules.find((r) => r.status && r.method === request.method && r.pattern.test(path))
    if (rule && --rule.times <= 0) this.rules = this.rules.filter((r) => r !== rule)
    if (rule?.status) return envelope(rule.status, rule.code ?? 'REFUSED', rule.headers)
    const result = answer(this, request)
    if (this.isCut) throw new TypeError('fetch failed')
    return result
  }

  private applicable({ method, path }: FakeRequest): Rule | undefined {
    return this.rules.find((r) => r.gate && r.method === method && r.pattern.test(path))
  }

  /** Waits for the gate, or fails as `fetch` does when it is aborted. */
  private aborted(signal: AbortSignal | null | undefined, gate: Promise<void> = Promise.resolve()): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => reject(new DOMException('aborted', 'AbortError'))
      if (signal?.aborted) return stop()
      signal?.addEventListener('abort', stop)
      void gate.then(() => {
        signal?.removeEventListener('abort', stop)
        resolve()
      })
    })
  }
}

export function envelope(status: number, code: string, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ error: { code, message: `refused: ${code}` } }), { status, headers })
}
