import { intlLocale } from './translate'

const DAY_MS = 86_400_000
const formats = new Map<string, Intl.DateTimeFormat>()

// Making a DateTimeFormat costs about 50 µs, a list of 50 messages needs 100 of them.
function format(locale: string, name: string, options: Intl.DateTimeFormatOptions, date: Date): string {
  const key = `${locale} ${name}`
  let formatter = formats.get(key)
  if (!formatter) formats.set(key, (formatter = new Intl.DateTimeFormat(intlLocale(locale), options)))
  return formatter.format(date)
}

/** Days between two moments by the local calendar: 0 the same day, 1 the day before. */
function daysAgo(date: Date, now: Date): number {
  const midnight = (day: Date) => new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime()
  return Math.round((midnight(now) - midnight(date)) / DAY_MS)
}

function clock(locale: string): Intl.DateTimeFormatOptions {
  const by24 = locale === 'ru' || locale === 'zh' || !usesHalfDays(locale)
  return by24 ? { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } : { hour: 'numeric', minute: '2-digit' }
}

const halfDays = new Map<string, boolean>()

function usesHalfDays(locale: string): boolean {
  let known = halfDays.get(locale)
  if (known === undefined) {
    known = new Intl.DateTimeFormat(intlLocale(locale), { hour: 'numeric' }).resolvedOptions().hour12 === true
    halfDays.set(locale, known)
  }
  return known
}

/** `14:05`, or `2:05 PM` where that is the custom; Russian and Chinese always by 24 hours. */
export function formatTime(locale: string, iso: string): string {
  return format(locale, 'time', clock(locale), new Date(iso))
}

/** The time without the half of the day, where there is little room and the neighbours tell it: `2:05`. */
export function formatClock(locale: string, iso: string): string {
  return formatTime(locale, iso).replace(/\s*\p{L}[\p{L}.\s]*$|^[\p{L}.\s]*\p{L}\s*/u, '')
}

/** `5 May`, with the year when it is not this one. */
export function formatDate(locale: string, date: Date, now = new Date()): string {
  const year = date.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' as const }
  return format(locale, `date${year.year ?? ''}`, { day: 'numeric', month: 'long', ...year }, date)
}

/** Date and time in full, for tooltips. */
export function formatFull(locale: string, iso: string): string {
  return format(locale, 'full', { dateStyle: 'long', timeStyle: 'short' }, new Date(iso))
}

/** Text between two days of messages. `words` are the local names of today and yesterday. */
export function formatDateDivider(locale: string, iso: string, words: { today: string; yesterday: string }): string {
  const now = new Date()
  const date = new Date(iso)
  const days = daysAgo(date, now)
  if (days === 0) return words.today
  return days === 1 ? words.yesterday : formatDate(locale, date, now)
}

/** Time of a list row: the clock today, otherwise day and short month. */
export function formatInboxTime(locale: string, iso: string): string {
  const now = new Date()
  const date = new Date(iso)
  if (daysAgo(date, now) === 0) return formatTime(locale, iso)
  const year = date.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' as const }
  return format(locale, `inbox${year.year ?? ''}`, { day: 'numeric', month: 'short', ...year }, date)
}
