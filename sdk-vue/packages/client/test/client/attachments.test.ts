import { describe, expect, test } from 'vitest'
import {
  ATTACHMENT_LIMITS,
  formatFileSize,
  getAttachmentType,
  getFileIconName,
  isAllowedFileType,
  isValidFileSize,
} from '../../src'

describe('attachment rules', () => {
  test('sizes are written for people', () => {
    expect([500, 1536, 5 * 1024 * 1024].map(formatFileSize)).toEqual(['500 B', '1.5 KB', '5.0 MB'])
  })

  test('sizes from one byte to 100 MiB are valid', () => {
    const max = ATTACHMENT_LIMITS.MAX_FILE_SIZE
    expect([0, 1, max, max + 1].map(isValidFileSize)).toEqual([false, true, true, false])
  })

  test('the list of the contract is allowed, and an unknown type too', () => {
    expect(ATTACHMENT_LIMITS.ALLOWED_TYPES).toHaveLength(38)
    expect(isAllowedFileType('')).toBe(true)
    expect(isAllowedFileType('application/vnd.openxmlformats-officedocument.wordprocessingml.document')).toBe(true)
    expect(isAllowedFileType('application/x-msdownload')).toBe(false)
  })

  test.each([
    ['image/png', 'image', 'image'],
    ['application/pdf', 'pdf', 'file-pdf'],
    ['text/csv', 'file', 'file-spreadsheet'],
    ['application/vnd.oasis.opendocument.text', 'file', 'file-document'],
    ['application/vnd.openxmlformats-officedocument.presentationml.presentation', 'file', 'file-document'],
    ['application/zip', 'file', 'file-archive'],
    ['video/mp4', 'file', 'file-video'],
    ['audio/ogg', 'file', 'file-audio'],
    ['application/x-unknown', 'file', 'file'],
  ])('%s is shown as %s with the icon %s', (type, kind, icon) => {
    expect(getAttachmentType(type)).toBe(kind)
    expect(getFileIconName(type)).toBe(icon)
  })
})
