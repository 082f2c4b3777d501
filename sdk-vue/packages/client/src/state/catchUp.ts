/**
 * CatchUp: no event twice, none missed. Follows the number of the last event per dialog; asks the server to replay
 * after a loss of the connection and when a number is skipped. Frames that come ahead of a replay wait for its end.
 *
 * A snapshot (list item, page) tells its number too. It begins the count of a dialog, but never moves a count that runs:
 * the frames up to it are still to come, and the timeline needs them (lists skip what their item already counts).
 */
import type { WsEvent } from '../types'
import type { ChatContext } from './context'

/** Dialogs in one resume frame: what the server accepts. */
const RESUME_MAX_DIALOGS = 500

/** A replay not finished after so long was not begun (the server's database was away): it is asked for again. */
const ANSWER_TIMEOUT_MS = 20_000

export class CatchUp {
  private readonly seqs = new Map<string, number>()
  /** Dialogs asked about or to be asked about -> frames that came ahead of their replay. */
  private readonly ahead = new Map<string, WsEvent[]>()
  /** The dialogs of the question under way: one at a time, so that an answer says what it answers. */
  private asked: string[] = []
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly ctx: ChatContext) {}

  /**
   * A snapshot was read at `seq`. `epoch` is the connection's number when it was asked for: if another connection
   * was made since, events between the two may be lost, and are asked for.
   */
  learn(dialogId: string, seq: number | undefined, epoch: number): void {
    if (seq === undefined || this.seqs.has(dialogId)) return
    this.seqs.set(dialogId, seq)
    if (epoch !== this.ctx.client.epoch) this.ask([dialogId])
  }

  /** Not followed any more, until a snapshot begins anew. */
  forget(dialogId: string): void {
    this.seqs.delete(dialogId)
    this.ahead.delete(dialogId)
  }

  clear(): void {
    this.seqs.clear()
    this.lost()
  }

  /** The connection is gone: open questions will not be answered, and are asked again on the next one. */
  lost(): void {
    clearTimeout(this.timer)
    this.ahead.clear()
    this.asked = []
  }

  /** A new connection: ask for what was missed. False when this server cannot replay. */
  connected(): boolean {
    this.lost()
    if (!this.ctx.client.features.resume) return false
    this.ask([...this.seqs.keys()])
    return true
  }

  /** Passes a frame on in its turn; drops it when it is known. */
  receive(event: WsEvent, dialogId: string | undefined, seq: number | undefined): void {
    if (dialogId === undefined || seq === undefined) return this.ctx.live.apply(event)
    const known = this.seqs.get(dialogId)
    if (known !== undefined && seq <= known) return
    const isNext = known === undefined || seq === known + 1
    if (!isNext && this.ctx.client.features.resume) {
      this.ask([dialogId])
      this.ahead.get(dialogId)?.push(event)
      return
    }
    this.pass(event, dialogId, seq)
  }

  /** The replay is over: what is still skipped was not ours to see. */
  resumed(seqOf: (event: WsEvent) => number): void {
    clearTimeout(this.timer)
    const answered = this.asked
    this.asked = []
    for (const dialogId of answered) {
      const waiting = this.ahead.get(dialogId) ?? []
      this.ahead.delete(dialogId)
      for (const event of waiting.sort((a, b) => seqOf(a) - seqOf(b))) {
        if (seqOf(event) > (this.seqs.get(dialogId) ?? -1)) this.pass(event, dialogId, seqOf(event))
      }
    }
    this.askNext()
  }

  private pass(event: WsEvent, dialogId: string, seq: number): void {
    this.seqs.set(dialogId, seq)
    this.ctx.live.apply(event)
  }

  private ask(ids: string[]): void {
    for (const id of ids) if (!this.ahead.has(id)) this.ahead.set(id, [])
    this.askNext()
  }

  private askNext(): void {
    if (this.asked.length || !this.ahead.size) return
    const ids = [...this.ahead.keys()].slice(0, RESUME_MAX_DIALOGS)
    this.asked = ids
    this.timer = setTimeout(() => {
      this.asked = []
      this.askNext()
    }, ANSWER_TIMEOUT_MS)
    if (!this.ctx.client.resume(Object.fromEntries(ids.map((id) => [id, this.seqs.get(id) ?? 0])))) {
      // No connection: the next one asks for everything.
      this.lost()
      return
    }
  }
}
