/** Replies: quoted messages that are not in the window, fetched once each; null: deleted. */
import { MTChatError } from '../errors'
import type { Message } from '../types'
import type { ChatContext } from './context'

export class Replies {
  private readonly requests = new Map<string, Promise<Message | null>>()

  constructor(private readonly ctx: ChatContext) {}

  /** undefined: not known yet. */
  getReplyMessage(id: string): Message | null | undefined {
    return this.ctx.conversation.timeline.get(id) ?? this.ctx.state.replyMessagesCache.get(id)
  }

  fetchReplyMessage(id: string): Promise<Message | null> {
    const known = this.getReplyMessage(id)
    if (known !== undefined) return Promise.resolve(known)
    let request = this.requests.get(id)
    if (!request) this.requests.set(id, (request = this.request(id).finally(() => this.requests.delete(id))))
    return request
  }

  set(id: string, message: Message | null): void {
    this.ctx.set({ replyMessagesCache: new Map(this.ctx.state.replyMessagesCache).set(id, message) })
  }

  /** Patch a quoted message, if it is known. */
  patch(id: string, change: Partial<Message>): void {
    const known = this.ctx.state.replyMessagesCache.get(id)
    if (known) this.set(id, { ...known, ...change })
  }

  forget(id: string): void {
    const cache = new Map(this.ctx.state.replyMessagesCache)
    if (cache.delete(id)) this.ctx.set({ replyMessagesCache: cache })
  }

  clear(): void {
    this.requests.clear()
    if (this.ctx.state.replyMessagesCache.size) this.ctx.set({ replyMessagesCache: new Map() })
  }

  private async request(id: string): Promise<Message | null> {
    const { dialogId } = this.ctx.conversation
    if (!dialogId) return null
    try {
      const message = await this.ctx.api.getMessage(dialogId, id)
      if (this.ctx.conversation.dialogId === dialogId) this.set(id, message)
      return message
    } catch (error) {
      // Only "not there" is an answer; after a failure of the network the next look asks again.
      const isGone = error instanceof MTChatError && (error.status === 404 || error.status === 403)
      if (isGone && this.ctx.conversation.dialogId === dialogId) this.set(id, null)
      return null
    }
  }
}
