import { computed, ref } from 'vue'

const MIN = 0.5
const MAX = 5
const STEP = 1.25

/** Scale and place of what is looked at: buttons, wheel, pinch and drag change it. */
export function useZoom() {
  const scale = ref(1)
  const x = ref(0)
  const y = ref(0)
  const pointers = new Map<number, { x: number; y: number }>()
  let pinchDistance = 0

  /** @param at pixels from the centre of the picture: the point that stays where it is. */
  function zoomTo(value: number, at = { x: 0, y: 0 }) {
    const next = Math.min(MAX, Math.max(MIN, value))
    const ratio = next / scale.value
    x.value = at.x - (at.x - x.value) * ratio
    y.value = at.y - (at.y - y.value) * ratio
    scale.value = next
  }

  function reset() {
    scale.value = 1
    x.value = y.value = 0
  }

  function fromCentre(event: { clientX: number; clientY: number }, element: HTMLElement) {
    const box = element.getBoundingClientRect()
    return { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 }
  }

  function onWheel(event: WheelEvent) {
    event.preventDefault()
    if (event.ctrlKey || event.metaKey) {
      const factor = Math.exp(-event.deltaY / 300)
      zoomTo(scale.value * factor, fromCentre(event, event.currentTarget as HTMLElement))
    } else {
      x.value -= event.deltaX
      y.value -= event.deltaY
    }
  }

  function onPointerdown(event: PointerEvent) {
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    ;(event.currentTarget as HTMLElement).setPointerCapture?.(event.pointerId)
    pinchDistance = 0
  }

  function pinch(element: HTMLElement) {
    const [a, b] = [...pointers.values()]
    if (!a || !b) return
    const distance = Math.hypot(a.x - b.x, a.y - b.y)
    const middle = { clientX: (a.x + b.x) / 2, clientY: (a.y + b.y) / 2 }
    if (pinchDistance > 0) zoomTo((scale.value * distance) / pinchDistance, fromCentre(middle, element))
    pinchDistance = distance
  }

  function onPointermove(event: PointerEvent) {
    const before = pointers.get(event.pointerId)
    if (!before) return
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    if (pointers.size > 1) return pinch(event.currentTarget as HTMLElement)
    x.value += event.clientX - before.x
    y.value += event.clientY - before.y
  }

  const onPointerup = (event: PointerEvent) => void pointers.delete(event.pointerId)

  return {
    percent: computed(() => Math.round(scale.value * 100)),
    style: computed(() => ({ transform: `translate(${x.value}px, ${y.value}px) scale(${scale.value})` })),
    zoomIn: () => zoomTo(scale.value * STEP),
    zoomOut: () => zoomTo(scale.value / STEP),
    reset,
    scale,
    wheel: onWheel,
    pointer: {
      pointerdown: onPointerdown,
      pointermove: onPointermove,
      pointerup: onPointerup,
      pointercancel: onPointerup,
    },
  }
}
