import { safeHref } from '../../html/safeHref'

/** Files above this are left to the browser instead of being held in memory, in bytes. */
const IN_MEMORY_LIMIT = 50 * 1024 * 1024

function click(href: string, filename: string, newTab: boolean) {
  const link = document.createElement('a')
  link.href = href
  link.download = filename
  link.rel = 'noopener noreferrer'
  if (newTab) link.target = '_blank'
  link.click()
}

/**
 * Saves a file under its own name; a new tab where the storage does not let scripts read it.
 * @returns false when the link no longer works.
 */
export async function download(url: string, filename: string, size: number): Promise<boolean> {
  const href = safeHref(url)
  if (!href && !url.startsWith('blob:')) return false
  if (size > IN_MEMORY_LIMIT) {
    click(url, filename, true)
    return true
  }
  try {
    const response = await fetch(url)
    if (!response.ok) return false
    const address = URL.createObjectURL(await response.blob())
    click(address, filename, false)
    setTimeout(() => URL.revokeObjectURL(address), 60_000)
  } catch {
    click(url, filename, true)
  }
  return true
}
