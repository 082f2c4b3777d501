/**
 * Reading: what the reader has seen of the open dialog, and what follows: unread counts, the divider, the server's position.
 * It moves forwards only, by one request for everything seen within half a second, one at a time per dialog.
 */
import { isTabVisible, whenVisibilityChanges } from '../environment'
import type { Message } from '../types'
import type { ChatContext } from './context'
import { isAfter, laterId } from './order'

export const READ_DELAY_MS = 500

/** What the reader sees of the open dialog. */
export interface Viewport {
  /** Near the end of the newest message. */
  atBottom: boolean
  /** The lowest message on the screen. */
  lastVisibleId?: string | undefined
}

interface Position {
  /** Seen, maybe not told yet. */
  seen?: string | undefined
  /** The server's. */
  read?: string | undefined
  timer?: ReturnType<typeof setTimeout> | undefined
  busy?: boolean
}

export class Reading {
  private readonly positions = new Map<string, Position>()
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
    for (const id of this.positions.keys()) void this.tell(id)
    this.positions.clear()
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
    if (from) void this.tell(from)
  }

  /** The members were loaded: the own row tells how far we have read. */
  learnFromParticipants(): void {
    const { participants } = this.ctx.state
    const own = participants.find((p) => p.user_id === this.ctx.userId)
    if (own?.last_read_message_id) this.learn(own.dialog_id, own.last_read_message_id)
  }

  /** Take note of what the viewport shows now. */
  look(): void {
    const { dialogId, timeline } = this.ctx.conversation
    if (!this.viewport || !dialogId || !isTabVisible()) return
    const { atBottom, lastVisibleId } = this.viewport
    const lowest = atBottom && !timeline.hasMoreAfter ? timeline.last?.id : lastVisibleId
    const seen = lowest && this.lastForeign(lowest)
    if (!seen || !this.ctx.current(dialogId)) return
    const position = this.at(dialogId)
    if (!isAfter(seen, position.read)) return
    position.seen = laterId(position.seen, seen)
    this.tellSoon(dialogId)
    this.count(dialogId, seen)
  }

  /** A live message: does the divider belong before it? */
  receive(message: Message): void {
    const { dialogId } = this.ctx.conversation
    if (message.dialog_id !== dialogId || !this.isForeign(message)) return
    const { firstUnreadMessageId } = this.ctx.state
    const dividerIsOld = !isAfter(firstUnreadMessageId ?? '', this.positionOf(dialogId))
    const seenAtOnce = this.isAtBottom && isTabVisible()
    if (!seenAtOnce && this.viewport && dividerIsOld) {
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
      () => this.learn(dialogId, id),
      () => undefined,
    )
  }

  /** The server says how far somebody has read. */
  learned(dialogId: string, userId: string, messageId: string): void {
    if (userId === this.ctx.userId) {
      this.count(dialogId, this.learn(dialogId, messageId))
    }
    if (this.ctx.current(dialogId)) this.moveReader(userId, messageId)
  }

  /** How far the server knows us to have read. */
  positionOf(dialogId: string): string | undefined {
    return this.positions.get(dialogId)?.read
  }

  private at(dialogId: string): Position {
    let position = this.positions.get(dialogId)
    if (!position) this.positions.set(dialogId, (position = {}))
    return position
  }

  /** The server says it is read up to here (our own request, another tab, or the list of members). */
  private learn(dialogId: string, messageId: string): string {
    return (this.at(dialogId).read = laterId(this.positionOf(dialogId), messageId)!)
  }

  /** One request for everything seen within the delay. */
  private tellSoon(dialogId: string): void {
    const position = this.at(dialogId)
    if (isAfter(position.seen, position.read)) {
      position.timer ??= setTimeout(() => void this.tell(dialogId), READ_DELAY_MS)
    }
  }

  /** One request at a time per dialog, and only forwards. */
  private async tell(dialogId: string): Promise<void> {
    const position = this.at(dialogId)
    clearTimeout(position.timer)
    position.timer = undefined
    const { seen } = position
    if (position.busy || !seen || !isAfter(seen, position.read)) return
    position.busy = true
    try {
      await this.post(dialogId, seen)
      this.learn(dialogId, seen)
    } catch {
      // Seen again on the next scroll or message: forget, so that one failure does not end the tracking.
      if (position.seen === seen) position.seen = undefined
    }
    position.busy = false
    this.tellSoon(dialogId)
  }

  /** Foreign messages after a position, as far as they are known; undefined when they are not. */
  private unreadAfter(dialogId: string, position: string): number | undefined {
    const { timeline, dialogId: openId } = this.ctx.conversation
    if (openId === dialogId && !timeline.hasMoreAfter) {
      const covered = !timeline.hasMoreBefore || (timeline.first && !isAfter(timeline.first.id, position))
      if (covered) return timeline.messages.filter((m) => this.isForeign(m) && isAfter(m.id, position)).length
    }
    const last = this.ctx.lists.find(dialogId)?.last_message
    return last && !isAfter(last.id, position) ? 0 : undefined
  }

  private count(dialogId: string, position: string): void {
    const unread_count = this.unreadAfter(dialogId, position)
    const dialog = this.ctx.lists.find(dialogId)
    if (unread_count === undefined || !dialog || dialog.unread_count === unread_count) return
    this.ctx.lists.patch(dialogId, { unread_count })
  }

  private async post(dialogId: string, messageId: string): Promise<void> {
    const before = this.positionOf(dialogId)
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
    this.ctx.patchParticipant(userId, { last_read_message_id: messageId }, (p) =>
      isAfter(messageId, p.last_read_message_id ?? undefined),
    )
  }

  private lastForeign(upTo: string): string | undefined {
    const { messages } = this.ctx.conversation.timeline
    return messages.findLast((m) => !isAfter(m.id, upTo) && this.isForeign(m))?.id
  }

  private isForeign(message: Message): boolean {
    return message.message_type !== 'system' && message.sender_id !== null && message.sender_id !== this.ctx.userId
  }
}
