/** Typing: who types where, and telling that we do. Owns its timers; the lists are in the state. */
import type { ChatContext } from './context'

/** Shown so long after the last signal; the sender's clock is not ours, so its `until` is not used. */
export const TYPING_SHOWN_MS = 5000
/** One signal per dialog in so many ms, however fast somebody types. */
export const TYPING_EVERY_MS = 3000

const NOBODY: readonly string[] = []

export class Typing {
  /** Of each dialog and user, as one key. */
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>()
  private readonly told = new Map<string, number>()

  constructor(private readonly ctx: ChatContext) {}

  in(dialogId = ''): readonly string[] {
    return this.ctx.state.typingByDialog.get(dialogId) ?? NOBODY
  }

  receive(dialogId: string, userId: string): void {
    const key = `${dialogId} ${userId}`
    if (this.timers.has(key)) clearTimeout(this.timers.get(key))
    else this.publish(dialogId, [...this.in(dialogId), userId])
    const forget = () => this.stopped(dialogId, userId)
    this.timers.set(key, setTimeout(forget, TYPING_SHOWN_MS))
  }

  /** They sent the message, or left. */
  stopped(dialogId: string, userId: string): void {
    const key = `${dialogId} ${userId}`
    clearTimeout(this.timers.get(key))
    if (!this.timers.delete(key)) return
    const others = this.in(dialogId).filter((id) => id !== userId)
    this.publish(dialogId, others)
  }

  /** True when it is time to tell the others again. */
  shouldTell(dialogId: string): boolean {
    const now = Date.now()
    if (now - (this.told.get(dialogId) ?? 0) < TYPING_EVERY_MS) return false
    this.told.set(dialogId, now)
    return true
  }

  /** The message is out: the next key is news. */
  sent(dialogId: string): void {
    this.told.delete(dialogId)
  }

  clear(): void {
    this.told.clear()
    this.timers.forEach(clearTimeout)
    this.timers.clear()
    for (const dialogId of this.ctx.state.typingByDialog.keys()) this.publish(dialogId, NOBODY)
  }

  private publish(dialogId: string, users: readonly string[]): void {
    const typingByDialog = new Map(this.ctx.state.typingByDialog)
    if (users.length) typingByDialog.set(dialogId, users)
    else typingByDialog.delete(dialogId)
    this.ctx.set({ typingByDialog })
    this.ctx.publishTyping()
  }
}
