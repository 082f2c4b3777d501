/**
 * ReadTracker: tells the server how far the reader has come. Only forwards,
 * one request for everything seen within half a second, one request at a time per dialog.
 */
import { compareIds, laterId } from './order'

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
  seen: string | undefined
  /** The server's. */
  read: string | undefined
  timer: ReturnType<typeof setTimeout> | undefined
  busy: boolean
}

export class ReadTracker {
  private readonly positions = new Map<string, Position>()

  /** `post` sends a position; a rejection leaves the position unread, to be told with the next thing seen. */
  constructor(private readonly post: (dialogId: string, messageId: string) => Promise<void>) {}

  /** Tell what is still untold and forget the rest. */
  clear(): void {
    for (const id of this.positions.keys()) void this.flush(id)
    this.positions.clear()
  }

  positionOf(dialogId: string): string | undefined {
    return this.positions.get(dialogId)?.read
  }

  /** The server says it is read up to here (our own request, another tab, or the list of members). */
  learn(dialogId: string, messageId: string): void {
    const position = this.at(dialogId)
    position.read = laterId(position.read, messageId)
  }

  /** Somebody looked at this message: the caller makes sure that the tab was visible. */
  see(dialogId: string, messageId: string): void {
    const position = this.at(dialogId)
    position.seen = laterId(position.seen, messageId)
    this.schedule(dialogId)
  }

  /** Tell now instead of in a moment. */
  async flush(dialogId: string): Promise<void> {
    const position = this.at(dialogId)
    clearTimeout(position.timer)
    position.timer = undefined
    const { seen, read } = position
    if (position.busy || seen === undefined || (read !== undefined && compareIds(seen, read) <= 0)) return
    position.busy = true
    try {
      await this.post(dialogId, seen)
      position.read = laterId(position.read, seen)
    } catch {
      // Seen again on the next scroll or message: forget, so that one failure does not end the tracking.
      if (position.seen === seen) position.seen = undefined
    } finally {
      position.busy = false
    }
    if (position.seen !== undefined && position.seen !== seen) this.schedule(dialogId)
  }

  private schedule(dialogId: string): void {
    const position = this.at(dialogId)
    if (position.seen === undefined || position.timer !== undefined) return
    if (position.read !== undefined && compareIds(position.seen, position.read) <= 0) return
    position.timer = setTimeout(() => void this.flush(dialogId), READ_DELAY_MS)
  }

  private at(dialogId: string): Position {
    let position = this.positions.get(dialogId)
    if (!position)
      this.positions.set(dialogId, (position = { seen: undefined, read: undefined, timer: undefined, busy: false }))
    return position
  }
}
