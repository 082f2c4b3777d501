/** Sizes of picture tiles, known before the picture is loaded so that nothing jumps. Pure. */
import type { Attachment } from '@mtchat/client'

const SINGLE_MAX = { width: 320, height: 240 }
const SINGLE_MIN = 96
/** For a lone picture whose size nobody told. */
const UNKNOWN = { width: 240, height: 160 }
/** Edge of a picture in an album. */
export const ALBUM_TILE_PX = 120

export interface TileSize {
  width: number
  height: number
}

/** Size in pixels of a picture that stands alone: fitted into 320 by 240, never enlarged. */
export function singleTile({ width, height }: Pick<Attachment, 'width' | 'height'>): TileSize {
  if (!width || !height) return UNKNOWN
  const scale = Math.min(1, SINGLE_MAX.width / width, SINGLE_MAX.height / height)
  const fit = (pixels: number) => Math.max(SINGLE_MIN, Math.round(pixels * scale))
  return { width: fit(width), height: fit(height) }
}

/** A name of at most `length` characters that keeps its extension: `a very lo….pdf`. */
export function shortName(filename: string, length = 20): string {
  if (filename.length <= length) return filename
  const dot = filename.lastIndexOf('.')
  const extension = dot > 0 && filename.length - dot <= 6 ? filename.slice(dot) : ''
  return `${filename.slice(0, Math.max(1, length - extension.length - 1))}…${extension}`
}
