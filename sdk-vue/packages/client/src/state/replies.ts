/** Replies: quoted messages that are not in the window, fetched once each; null: deleted. */
import type { Message } from '../types'
import type { ChatContext } from './context'

export class Replies {
  /** Under way; see changes.ts. */
  readonly requests = new Map<string, Promise<Message | null>>()

  constructor(private readonly ctx: ChatContext) {}

  /** undefined: not known yet. */
  getReplyMessage(id: string): Message | null | undefined {
    return this.ctx.conversation.timeline.get(id) ?? this.ctx.state.replyMessagesCache.get(id)
  }

  set(id: string, message: Message | null): void {
    this.ctx.set({ replyMessagesCache: new Map(this.ctx.state.replyMessagesCache).set(id, message) })
  }

  /** Patch a quoted message, if it is known. */
  patch(id: string, change: Partial<Message>): void {
    const known = this.ctx.state.replyMessagesCache.get(id)
    if (known) this.set(id, { ...known, ...change })
  }

  clear(): void {
    this.requests.clear()
    if (this.ctx.state.replyMessagesCache.size) this.ctx.set({ replyMessagesCache: new Map() })
  }
}
