import type { MessagesResponse } from '../types'
import type { Timeline } from './timeline'

/**
 * Bring a window up to date with what the server has after `anchorId` (a message of the window), complete up to the
 * page's end: changed messages are replaced, absent ones were deleted, newer ones join. Beyond a page that is not the
 * last, nothing is certain: the window ends with it, and what came live meanwhile is held back.
 */
export function refreshTimeline(timeline: Timeline, anchorId: string, page: MessagesResponse): void {
  const present = new Set(page.messages.map((m) => m.id))
  const end = page.messages.at(-1)?.id ?? anchorId
  timeline.hasMoreAfter = page.has_more_after ?? false
  const beyond = timeline.messages.filter((m) => m.id > end)
  timeline.messages = timeline.messages.filter((m) => m.id <= anchorId || (present.has(m.id) && m.id <= end))
  timeline.put(page.messages)
  for (const message of beyond) timeline.heldBack.set(message.id, message)
  timeline.release()
}
