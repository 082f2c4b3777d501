/** Reading: what the reader has seen of the open dialog, and what follows: unread counts, the divider, the server's position. */
import { isTabVisible, whenVisibilityChanges } from '../environment'
import type { Message } from '../types'
import type { ChatContext } from './context'
import { compareIds } from './order'
import type { Viewport } from './readTracking'
import { ReadTracker } from './readTracking'

export class Reading {
  readonly tracker = new ReadTracker((dialogId, messageId) => this.post(dialogId, messageId))
  private viewport: Viewport | undefined
  private unhook: (() => void) | undefined

  constructor(private readonly ctx: ChatContext) {}

  /** Watch the tab: shown again, what is on the screen is being read. */
  start(): void {
    this.unhook ??= whenVisibilityChanges(() => this.look())
  }

  stop(): void {
    this.unhook?.()
    this.unhook = undefined
    this.tracker.clear()
  }

  get isAtBottom(): boolean {
    return this.viewport?.atBottom ?? false
  }

  setViewport(viewport: Viewport): void {
    this.viewport = viewport
    this.look()
  }

  /** Another dialog is open: nothing of it was seen yet. */
  switched(from: string | undefined): void {
    this.viewport = undefined
    if (from) void this.tracker.flush(from)
  }

  /** The members were loaded: the own row tells how far we have read. */
  learnFromParticipants(): void {
    const { participants } = this.ctx.state
    const own = participants.find((p) => p.user_id === this.ctx.userId)
    if (own?.last_read_message_id) this.tracker.learn(own.dialog_id, own.last_read_message_id)
  }

  /** Take note of what the viewport shows now. */
  look(): void {
    const { dialogId, timeline } = this.ctx.conversation
    if (!this.viewport || !dialogId || !isTabVisible()) return
    const { atBottom, lastVisibleId } = this.viewport
    const lowest = atBottom && !timeline.hasMoreAfter ? timeline.last?.id : lastVisibleId
    const seen = lowest && this.lastForeign(lowest)
    if (!seen || !this.ctx.current(dialogId)) return
    const read = this.tracker.positionOf(dialogId)
    if (read !== undefined && compareIds(seen, read) <= 0) return
    this.tracker.see(dialogId, seen)
    this.count(dialogId, seen)
  }

  /** A live message: does the divider belong before it? */
  receive(message: Message): void {
    const { dialogId } = this.ctx.conversation
    if (message.dialog_id !== dialogId || !this.isForeign(message)) return
    const { firstUnreadMessageId } = this.ctx.state
    const read = this.tracker.positionOf(dialogId)
    const dividerIsOld = firstUnreadMessageId && read && compareIds(firstUnreadMessageId, read) <= 0
    const seenAtOnce = this.isAtBottom && isTabVisible()
    if (!seenAtOnce && this.viewport && (!firstUnreadMessageId || dividerIsOld)) {
      this.ctx.set({ firstUnreadMessageId: message.id })
    }
    this.look()
  }

  /** At once, up to the given or the last loaded message. Failures are swallowed: the next reading repairs them. */
  async markAsRead(messageId?: string): Promise<void> {
    const { dialogId, timeline } = this.ctx.conversation
    const id = messageId ?? timeline.last?.id
    if (!dialogId || !id) return
    this.count(dialogId, id)
    await this.post(dialogId, id).then(
      () => this.tracker.learn(dialogId, id),
      () => undefined,
    )
  }

  /** The server says how far somebody has read. */
  learned(dialogId: string, userId: string, messageId: string): void {
    if (userId === this.ctx.userId) {
      this.tracker.learn(dialogId, messageId)
      this.count(dialogId, this.tracker.positionOf(dialogId) ?? messageId)
    }
    if (this.ctx.current(dialogId)) this.moveReader(userId, messageId)
  }

  /** Foreign messages after a position, as far as they are known; undefined when they are not. */
  private unreadAfter(dialogId: string, position: string): number | undefined {
    const { timeline, dialogId: openId } = this.ctx.conversation
    if (openId === dialogId && !timeline.hasMoreAfter) {
      const covered = !timeline.hasMoreBefore || (timeline.first && compareIds(position, timeline.first.id) >= 0)
      if (covered) return timeline.messages.filter((m) => this.isForeign(m) && compareIds(m.id, position) > 0).length
    }
    const last = this.ctx.lists.find(dialogId)?.last_message
    return last && compareIds(position, last.id) >= 0 ? 0 : undefined
  }

  private count(dialogId: string, position: string): void {
    const unread = this.unreadAfter(dialogId, position)
    if (unread !== undefined) this.setUnread(dialogId, unread)
  }

  private setUnread(dialogId: string, unread_count: number): void {
    const dialog = this.ctx.lists.find(dialogId)
    if (dialog && dialog.unread_count !== unread_count) this.ctx.lists.patch(dialogId, { unread_count })
  }

  private async post(dialogId: string, messageId: string): Promise<void> {
    const before = this.tracker.positionOf(dialogId)
    try {
      await this.ctx.api.markAsRead(dialogId, messageId)
      if (this.ctx.current(dialogId)) this.moveReader(this.ctx.userId, messageId)
    } catch (error) {
      // Unread again. From the start when no position is known: everything foreign that is loaded.
      this.count(dialogId, before ?? '')
      throw error
    }
  }

  /** Positions of members move forward only. */
  private moveReader(userId: string, messageId: string): void {
    const moves = (last: string | null | undefined) => !last || compareIds(messageId, last) > 0
    const { participants } = this.ctx.state
    if (!participants.some((p) => p.user_id === userId && moves(p.last_read_message_id))) return
    this.ctx.set({
      participants: participants.map((p) => (p.user_id === userId ? { ...p, last_read_message_id: messageId } : p)),
    })
  }

  private lastForeign(upTo: string): string | undefined {
    const { messages } = this.ctx.conversation.timeline
    return messages.findLast((m) => compareIds(m.id, upTo) <= 0 && this.isForeign(m))?.id
  }

  private isForeign(message: Message): boolean {
    return message.message_type !== 'system' && message.sender_id !== null && message.sender_id !== this.ctx.userId
  }
}
