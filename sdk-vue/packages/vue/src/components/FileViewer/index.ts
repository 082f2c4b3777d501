import { defineAsyncComponent, defineComponent, h, shallowRef, watch, type PropType } from 'vue'
import type { Attachment } from '@mtchat/client'

// Fetched when a file is opened for the first time.
const ViewerPanel = defineAsyncComponent(() => import('./ViewerPanel.vue'))

/** Files over the whole page: pictures and PDF shown, everything else offered for download. */
export const FileViewer = defineComponent({
  name: 'FileViewer',
  props: {
    show: { type: Boolean, required: true },
    files: { type: Array as PropType<Attachment[]>, required: true },
    initialIndex: { type: Number, default: 0 },
    /** A fresh link for a file whose own has expired. */
    refresh: { type: Function as PropType<(attachmentId: string) => Promise<{ url: string }>>, default: undefined },
  },
  emits: { close: () => true },
  setup(props, { emit }) {
    const wasShown = shallowRef(props.show)
    watch(
      () => props.show,
      (show) => (wasShown.value ||= show),
    )
    return () => (wasShown.value ? h(ViewerPanel, { ...props, onClose: () => emit('close') }) : null)
  },
})
