import { getFileIconName } from '@mtchat/client'

export type FileTone = 'primary' | 'danger' | 'success' | 'warning'

/** The colour that tells kinds of files apart at a glance. */
export function toneOf(contentType: string): FileTone {
  const icon = getFileIconName(contentType)
  if (icon === 'file-pdf') return 'danger'
  if (icon === 'file-spreadsheet') return 'success'
  return icon === 'file-archive' ? 'warning' : 'primary'
}

const KINDS: [RegExp, string][] = [
  [/wordprocessing|msword|opendocument\.text|rtf/, 'word'],
  [/spreadsheet|excel/, 'excel'],
  [/presentation|powerpoint/, 'powerpoint'],
  [/7z/, 'sevenZip'],
  [/rar/, 'rar'],
  [/gzip/, 'gzip'],
  [/zip/, 'zip'],
  [/csv/, 'csv'],
  [/json/, 'json'],
  [/xml/, 'xml'],
  [/^text\//, 'text'],
  [/^video\//, 'video'],
  [/^audio\//, 'audio'],
]

/** Key of the name of a file's kind, under `fileViewer.fileTypes`. */
export function kindKey(contentType: string): string {
  return `fileViewer.fileTypes.${KINDS.find(([pattern]) => pattern.test(contentType))?.[1] ?? 'file'}`
}
