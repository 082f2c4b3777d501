import type { laterPaths } from './laterPaths'

/**
 * Drawings of the icon set: a 24 by 24 grid, one stroke, `currentColor`.
 * A value is the `d` of one or more paths, separated by `|`; a path starting with `!` is filled instead of stroked.
 * These are on the page from the start; the others come with the first of them that is asked for.
 */
export const startPaths = {
  close: 'M6 6l12 12M18 6L6 18',
  pin: 'M9 4h6l-1 6 4 3v2H6v-2l4-3-1-6z|M12 15v6',
  'bell-off': 'M6 9.5V16l-2 2h14M17.9 13V11a6 6 0 0 0-9.3-5|M10 21h4|M4 4l16 16',
  'chevron-left': 'M15 5l-7 7 7 7',
  'chevron-down': 'M5 9l7 7 7-7',
  archive: 'M4 5h16v4H4z|M6 9v10h12V9|M10 13h4',
  'external-link': 'M14 4h6v6|M20 4l-9 9|M18 14v5H5V6h5',
  'more-vertical':
    '!M12 6.7a1.7 1.7 0 1 1 0-3.4 1.7 1.7 0 0 1 0 3.4z|!M12 13.7a1.7 1.7 0 1 1 0-3.4 1.7 1.7 0 0 1 0 3.4z|!M12 20.7a1.7 1.7 0 1 1 0-3.4 1.7 1.7 0 0 1 0 3.4z',
  check: 'M5 12.5l4.5 4.5L19 7',
  'check-double': 'M2 12.5l4.5 4.5L16 7|M11.5 16l1 1L22 7',
  clock: 'M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18z|M12 7v5l3.5 2',
  retry: 'M19.5 12a7.5 7.5 0 1 1-2.4-5.5L20 9|M20 4v5h-5',
  search: 'M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13z|M15.5 15.5L21 21',
  attach: 'M19.5 11.5l-7.7 7.7a5 5 0 0 1-7-7l8-8a3.3 3.3 0 0 1 4.7 4.7l-8 8a1.7 1.7 0 0 1-2.4-2.4l7.2-7.2',
  send: 'M4 4.5L20.5 12 4 19.5 6.5 12 4 4.5z|M6.5 12H13',
  error: 'M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18z|M12 7v6|M12 16.3v.2',
  format: 'M3 18l5-13 5 13|M5 14h6|M20.5 18v-6.5|M20.5 15a3 3 0 1 1-6 0 3 3 0 0 1 6 0z',
  chat: 'M4 5h16v11h-8.5L7 20v-4H4z|M8 9h8M8 12h5',
} as const

export type IconName = keyof typeof startPaths | keyof typeof laterPaths
