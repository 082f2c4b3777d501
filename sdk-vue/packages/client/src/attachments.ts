/** What may be attached, and how files are named to people. The server holds the same limits. */
import type { AttachmentType } from './types'

const office = 'application/vnd.openxmlformats-officedocument.'
const openDocument = 'application/vnd.oasis.opendocument.'

const of = (prefix: string, names: string) => names.split(' ').map((name) => prefix + name)

export const ATTACHMENT_LIMITS = {
  MAX_FILE_SIZE: 100 * 1024 * 1024,
  MAX_ATTACHMENTS_PER_MESSAGE: 10,
  ALLOWED_TYPES: [
    ...of('image/', 'jpeg png gif webp svg+xml bmp tiff'),
    ...of('application/', 'pdf msword vnd.ms-excel vnd.ms-powerpoint rtf json'),
    ...of(office, 'wordprocessingml.document spreadsheetml.sheet presentationml.presentation'),
    ...of(openDocument, 'text spreadsheet presentation'),
    ...of('text/', 'plain csv markdown html xml'),
    ...of('application/', 'zip x-rar-compressed vnd.rar x-7z-compressed gzip x-tar'),
    ...of('audio/', 'mpeg wav ogg mp4'),
    ...of('video/', 'mp4 webm ogg quicktime'),
  ] as readonly string[],
}

/** How the viewer shows a content type. */
export function getAttachmentType(contentType: string): AttachmentType {
  if (contentType.startsWith('image/')) return 'image'
  return contentType === 'application/pdf' ? 'pdf' : 'file'
}

/** An empty type is allowed: the browser could not tell, the server looks at the bytes. */
export function isAllowedFileType(contentType: string): boolean {
  return contentType === '' || ATTACHMENT_LIMITS.ALLOWED_TYPES.includes(contentType)
}

/** True for 1 byte to 100 MiB. */
export function isValidFileSize(bytes: number): boolean {
  return bytes > 0 && bytes <= ATTACHMENT_LIMITS.MAX_FILE_SIZE
}

/** `500 B`, `1.5 KB`, `5.0 MB`; base 1024, nothing above MB because no file is larger than 100 MB. */
export function formatFileSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const kib = bytes / 1024
  return kib < 1024 ? `${kib.toFixed(1)} KB` : `${(kib / 1024).toFixed(1)} MB`
}

const ICONS: [RegExp, string][] = [
  [/pdf/, 'file-pdf'],
  [/^image\//, 'image'],
  [/excel|spreadsheet|csv/, 'file-spreadsheet'],
  [/powerpoint|presentation|word|opendocument\.text|rtf|^text\/|json|xml/, 'file-document'],
  [/zip|rar|7z|gzip|tar/, 'file-archive'],
  [/^video\//, 'file-video'],
  [/^audio\//, 'file-audio'],
]

export type FileIconName =
  'file-pdf' | 'image' | 'file-spreadsheet' | 'file-document' | 'file-archive' | 'file-video' | 'file-audio' | 'file'

/** Name of the icon for a content type. */
export function getFileIconName(contentType: string): FileIconName {
  return (ICONS.find(([pattern]) => pattern.test(contentType))?.[1] ?? 'file') as FileIconName
}
