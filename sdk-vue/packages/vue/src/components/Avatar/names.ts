import type { DialogParticipant, ParticipantSummary } from '@mtchat/client'

/** First letters of the first two words, else the first two letters, else `?`. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean)
  const letters = (text: string | undefined, count: number) => [...(text ?? '')].slice(0, count).join('')
  if (words.length === 0) return '?'
  return (words.length > 1 ? letters(words[0], 1) + letters(words[1], 1) : letters(words[0], 2)).toUpperCase()
}

/** A hue, 0 to 359, that is always the same for one id. */
export function hueOf(id: string): number {
  let hash = 0
  for (const sign of id) hash = (hash * 31 + (sign.codePointAt(0) ?? 0)) >>> 0
  // Twelve hues are as many as an eye tells apart in a list.
  return (hash % 12) * 30 + 15
}

export type Person = Pick<DialogParticipant | ParticipantSummary, 'user_id' | 'display_name' | 'company'>

/** "Company — Name", or what there is of it. */
export function fullName(name: string, company: string | null | undefined): string {
  return company && company !== name ? `${company} — ${name}` : name
}
