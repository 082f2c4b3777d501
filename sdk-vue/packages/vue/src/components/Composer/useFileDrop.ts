import { ref } from 'vue'

const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false

/**
 * Files dragged over an element.
 * @param accepts false: they are none of its business now.
 */
export function useFileDrop(accepts: () => boolean, onFiles: (files: File[]) => void) {
  const isOver = ref(false)
  // Entering a child comes before leaving its parent: only the difference says whether it is over.
  let depth = 0

  function onDragenter(event: DragEvent) {
    if (!accepts() || !carriesFiles(event)) return
    event.preventDefault()
    depth++
    isOver.value = true
  }

  function onDragover(event: DragEvent) {
    if (isOver.value) event.preventDefault()
  }

  function onDragleave() {
    if (depth > 0 && --depth === 0) isOver.value = false
  }

  function onDrop(event: DragEvent) {
    if (!isOver.value) return
    event.preventDefault()
    depth = 0
    isOver.value = false
    onFiles([...(event.dataTransfer?.files ?? [])])
  }

  return { isOver, listeners: { dragenter: onDragenter, dragover: onDragover, dragleave: onDragleave, drop: onDrop } }
}
