/** Presence: who is online, as far as we were told. Pure. */
import type { DialogParticipant } from '../types'

export class Presence {
  online: ReadonlySet<string> = new Set()

  set(userId: string, isOnline: boolean): void {
    if (this.online.has(userId) === isOnline) return
    const online = new Set(this.online)
    if (isOnline) online.add(userId)
    else online.delete(userId)
    this.online = online
  }

  /** What a list of members says, where it says something. */
  learn(participants: readonly DialogParticipant[]): void {
    for (const { user_id, is_online } of participants) if (is_online !== undefined) this.set(user_id, is_online)
  }

  /** Cut off, we know nothing. */
  clear(): void {
    if (this.online.size) this.online = new Set()
  }
}
