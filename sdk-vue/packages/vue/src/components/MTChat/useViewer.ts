import { computed, reactive, shallowRef, watch } from 'vue'
import type { UseChatReturn } from '../../composables/useChat'

/** The viewer over all files of the loaded messages. */
export function useViewer(chat: UseChatReturn) {
  const viewer = reactive({ show: false, index: 0 })
  const files = computed(() =>
    chat.messages.value.filter((message) => !message.delivery).flatMap((message) => message.attachments ?? []),
  )
  const viewerFiles = shallowRef(files.value)

  watch(files, (changed) => {
    if (viewer.show) viewerFiles.value = changed
  })

  function openViewer(attachmentId: string) {
    const index = files.value.findIndex(({ id }) => id === attachmentId)
    if (index < 0) return
    viewerFiles.value = files.value
    Object.assign(viewer, { show: true, index })
  }

  return { viewer, viewerFiles, openViewer }
}
