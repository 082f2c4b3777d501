/** Typing: who types where, and telling that we do. Owns its timers; `changed` is called when a list differs. */

/** Shown so long after the last signal; the sender's clock is not ours, so its `until` is not used. */
export const TYPING_SHOWN_MS = 5000
/** One signal per dialog in so many ms, however fast somebody types. */
export const TYPING_EVERY_MS = 3000

const NOBODY: readonly string[] = []

export class Typing {
  private readonly dialogs = new Map<string, Map<string, ReturnType<typeof setTimeout>>>()
  private readonly lists = new Map<string, readonly string[]>()
  private readonly told = new Map<string, number>()

  constructor(private readonly changed: () => void) {}

  in(dialogId: string | undefined): readonly string[] {
    return (dialogId && this.lists.get(dialogId)) || NOBODY
  }

  receive(dialogId: string, userId: string): void {
    const users = this.dialogs.get(dialogId) ?? new Map<string, ReturnType<typeof setTimeout>>()
    this.dialogs.set(dialogId, users)
    clearTimeout(users.get(userId))
    const isNew = !users.has(userId)
    const forget = () => this.stopped(dialogId, userId)
    users.set(userId, setTimeout(forget, TYPING_SHOWN_MS))
    if (isNew) this.publish(dialogId, users)
  }

  /** They sent the message, or left. */
  stopped(dialogId: string, userId: string): void {
    const users = this.dialogs.get(dialogId)
    if (!users?.has(userId)) return
    clearTimeout(users.get(userId))
    users.delete(userId)
    this.publish(dialogId, users)
  }

  /** True when it is time to tell the others again. */
  shouldTell(dialogId: string): boolean {
    const now = Date.now()
    if (now - (this.told.get(dialogId) ?? -Infinity) < TYPING_EVERY_MS) return false
    this.told.set(dialogId, now)
    return true
  }

  /** The message is out: the next key is news. */
  sent(dialogId: string): void {
    this.told.delete(dialogId)
  }

  clear(): void {
    for (const users of this.dialogs.values()) users.forEach((timer) => clearTimeout(timer))
    this.dialogs.clear()
    this.told.clear()
    if (!this.lists.size) return
    this.lists.clear()
    this.changed()
  }

  private publish(dialogId: string, users: ReadonlyMap<string, unknown>): void {
    if (users.size) this.lists.set(dialogId, [...users.keys()])
    else this.lists.delete(dialogId)
    this.changed()
  }
}
