/**
 * Timeline: the loaded window of one dialog's messages. Pure: knows no server, no clock.
 *
 * Invariants
 *   - ids grow strictly from first to last, and between two neighbours of the window no message is missing;
 *   - so a live message may join only when the window reaches the newest (`hasMoreAfter` false); else it is held back,
 *     and comes with the page that leads to it;
 *   - a message changes only by something at least as new (`seq`, then `last_edited_at`).
 */
import type { Message, MessagesResponse } from '../types'
import { compareIds, lowerBound } from './order'

/** Messages kept: about 40 screens. Beyond it the far end is let go of and loaded again when scrolled to. */
export const TIMELINE_MAX = 2000

/** Live messages held back: only those that come while the last page is under way are needed, older ones are in it. */
const HELD_MAX = 500

/** True when `a` must not be overwritten by `b`. */
function isNewer(a: Message, b: Message): boolean {
  if (a.seq !== undefined && b.seq !== undefined && a.seq !== b.seq) return a.seq > b.seq
  return (a.last_edited_at ?? '') > (b.last_edited_at ?? '')
}

/** Merged field by field: frames and answers of older servers leave attachments and quotes out. */
function merge(known: Message, next: Message): Message {
  if (isNewer(known, next)) {
    return known.attachments || !next.attachments ? known : { ...known, attachments: next.attachments }
  }
  const merged = { ...known, ...next }
  merged.attachments = next.attachments ?? known.attachments
  merged.reply_to_id = next.reply_to_id === undefined ? known.reply_to_id : next.reply_to_id
  if (merged.attachments === undefined) delete merged.attachments
  return merged
}

export class Timeline {
  messages: readonly Message[] = []
  hasMoreBefore = false
  hasMoreAfter = false
  /** Live messages that wait behind the end of the window. */
  readonly heldBack = new Map<string, Message>()

  constructor(private readonly max = TIMELINE_MAX) {}

  get first(): Message | undefined {
    return this.messages[0]
  }

  get last(): Message | undefined {
    return this.messages[this.messages.length - 1]
  }

  get(id: string): Message | undefined {
    const message = this.messages[lowerBound(this.messages, id)]
    return message?.id === id ? message : undefined
  }

  clear(): void {
    this.messages = []
    this.hasMoreBefore = this.hasMoreAfter = false
    this.heldBack.clear()
  }

  /** Begin a new window with this page. */
  replace(page: MessagesResponse): void {
    const known = this.messages
    const wasOpen = !this.hasMoreAfter
    this.messages = []
    this.hasMoreBefore = page.has_more_before ?? false
    this.hasMoreAfter = page.has_more_after ?? false
    this.put(page.messages)
    // A message that came by the socket while the page was under way is newer than the page.
    if (!this.hasMoreAfter && wasOpen && page.messages.length) {
      this.put(known.filter((m) => compareIds(m.id, this.last!.id) > 0))
    }
    this.release()
  }

  /** Older messages, that end where the window begins. */
  prepend(page: MessagesResponse, pageSize: number): void {
    this.put(page.messages)
    this.hasMoreBefore = page.has_more_before ?? page.messages.length >= pageSize
    if (this.messages.length > this.max) {
      this.messages = this.messages.slice(0, this.max)
      this.hasMoreAfter = true
    }
  }

  /** Newer messages, that begin where the window ends. */
  append(page: MessagesResponse, pageSize: number): void {
    this.put(page.messages)
    this.hasMoreAfter = page.has_more_after ?? page.messages.length >= pageSize
    this.release()
    this.trimStart()
  }

  /** A message from the socket. False when it is held back. */
  receive(message: Message): boolean {
    if (this.get(message.id)) {
      this.put([message])
      return true
    }
    if (this.hasMoreAfter) {
      this.heldBack.set(message.id, message)
      if (this.heldBack.size > HELD_MAX) this.heldBack.delete(this.heldBack.keys().next().value!)
      return false
    }
    if (this.first && this.hasMoreBefore && compareIds(message.id, this.first.id) < 0) return false
    this.put([message])
    return true
  }

  /** Replace a loaded message. */
  patch(id: string, change: Partial<Message>): void {
    const index = lowerBound(this.messages, id)
    const message = this.messages[index]
    if (message?.id === id) this.messages = this.messages.with(index, { ...message, ...change })
    const held = this.heldBack.get(id)
    if (held) this.heldBack.set(id, { ...held, ...change })
  }

  /** Returns what was removed, for a way back through `put`. */
  remove(id: string): Message | undefined {
    this.heldBack.delete(id)
    const message = this.get(id)
    if (message) this.messages = this.messages.filter((m) => m !== message)
    return message
  }

  /** Keep the newest: only for a reader who is at the bottom. */
  trimStart(): void {
    if (this.messages.length <= this.max) return
    this.messages = this.messages.slice(-this.max)
    this.hasMoreBefore = true
  }

  /** Merge messages that leave no hole; none is overwritten by an older version. */
  put(incoming: readonly Message[]): void {
    if (!incoming.length) return
    const last = this.last
    const sorted = [...incoming].sort((a, b) => compareIds(a.id, b.id))
    if (!last || compareIds(sorted[0]!.id, last.id) > 0) {
      this.messages = [...this.messages, ...sorted]
      return
    }
    const byId = new Map(this.messages.map((m) => [m.id, m]))
    for (const message of sorted) {
      const known = byId.get(message.id)
      byId.set(message.id, known ? merge(known, message) : message)
    }
    this.messages = [...byId.values()].sort((a, b) => compareIds(a.id, b.id))
  }

  /** Let in what was held back, if the window reaches the newest. */
  release(): void {
    if (!this.hasMoreAfter) this.put([...this.heldBack.values()])
    if (this.hasMoreAfter) {
      // Those the page has reached are in it.
      for (const id of [...this.heldBack.keys()]) if (this.get(id)) this.heldBack.delete(id)
    } else this.heldBack.clear()
  }
}
