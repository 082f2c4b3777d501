import { onBeforeUnmount } from 'vue'
import type { UseChatReturn } from '../../composables/useChat'
import { END_SLACK } from './useWindow'
import type { Row } from './rows'
import type { Offsets } from './offsets'

/** At most one report of the viewport per this many milliseconds. */
const THROTTLE_MS = 150
/** A message counts as seen when this much of it is inside the view, in pixels. */
const SEEN_PX = 24

interface Sight {
  rows: readonly Row[]
  offsets: Offsets
  scrollTop: number
  viewHeight: number
  distanceToEnd: number
}

/** Id of the lowest message on the server that is inside the view. */
export function lastVisibleId({ rows, offsets, scrollTop, viewHeight }: Sight): string | undefined {
  for (let index = offsets.at(scrollTop + viewHeight - SEEN_PX); index >= 0; index--) {
    const row = rows[index]
    if (row && 'message' in row && !row.message.delivery) return row.message.id
    if (offsets.top(index) < scrollTop) break
  }
  return undefined
}

/** Tells the engine what the reader sees, so that it marks as read only that. */
export function useReading(chat: UseChatReturn, look: () => Sight) {
  let timer: ReturnType<typeof setTimeout> | undefined

  function report() {
    timer = undefined
    const sight = look()
    chat.setViewport({
      atBottom: sight.distanceToEnd <= END_SLACK && !chat.hasMoreAfter.value,
      lastVisibleId: lastVisibleId(sight),
    })
  }

  onBeforeUnmount(() => clearTimeout(timer))
  return { reportSoon: () => void (timer ??= setTimeout(report, THROTTLE_MS)) }
}
