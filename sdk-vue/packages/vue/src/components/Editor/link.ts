/** An address as a link: `https://` before it unless it has an http(s) scheme. '' stays ''. */
export function withScheme(address: string): string {
  const trimmed = address.trim()
  if (!trimmed || /^https?:\/\//i.test(trimmed)) return trimmed
  return `https://${trimmed.replace(/^[a-z][a-z0-9+.-]*:(?!\d)\/*/i, '')}`
}
