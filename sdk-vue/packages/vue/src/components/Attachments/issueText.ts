import { formatFileSize } from '@mtchat/client'
import type { UploadIssue } from '@mtchat/client/state'
import type { I18n } from '../../i18n'

/** Why a file was not taken, in the language of the interface. */
export function issueText({ code, filename: name = '', limit = 0 }: UploadIssue, { tt }: I18n): string {
  switch (code) {
    case 'too-many':
      return tt('input.tooManyFiles', { count: limit })
    case 'size':
      return tt('input.fileTooLarge', { name, size: formatFileSize(limit) })
    case 'empty':
      return tt('input.fileEmpty', { name })
    case 'type':
      return tt('input.fileTypeRefused', { name })
    case 'upload':
      return tt('input.uploadFailed', { name })
  }
}
