import { onBeforeUnmount, ref, type Ref } from 'vue'
import { useI18n } from '../../i18n'
import type { Row } from './rows'
import type { Offsets } from './offsets'

/** No floating date while a real one is this close to the top, in pixels. */
const CLOSE_PX = 50
/** It goes away when the scrolling has rested this long, in milliseconds. */
const REST_MS = 1500

interface Place {
  offsets: Ref<Offsets>
  scrollTop(): number
}

/** The date of the topmost message, floating while the list is scrolled. */
export function useStickyDate(rows: Ref<readonly Row[]>, { offsets, scrollTop }: Place) {
  const { formatDateDivider } = useI18n()
  const text = ref('')
  const coveredKey = ref('')
  let timer: ReturnType<typeof setTimeout> | undefined

  function hide() {
    text.value = ''
    coveredKey.value = ''
  }

  function update() {
    const top = scrollTop()
    const index = offsets.value.at(top)
    const dateAt = rows.value.findLastIndex((row, at) => at <= index && row.kind === 'date')
    const nextAt = rows.value.findIndex((row, at) => at > index && row.kind === 'date')
    const row = rows.value[dateAt]
    const isClose = (at: number) => at >= 0 && Math.abs(offsets.value.top(at) - top) < CLOSE_PX
    if (row?.kind !== 'date' || isClose(dateAt) || isClose(nextAt)) return hide()
    text.value = formatDateDivider(row.iso)
    coveredKey.value = row.key
    clearTimeout(timer)
    timer = setTimeout(hide, REST_MS)
  }

  onBeforeUnmount(() => clearTimeout(timer))
  return { text, coveredKey, update }
}
