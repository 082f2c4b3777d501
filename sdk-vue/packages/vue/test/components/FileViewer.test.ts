import { fireEvent, render, screen, waitFor } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { describe, expect, test, vi } from 'vitest'
import type { Attachment } from '@mtchat/client'
import { FileViewer } from '../../src'
import { violations } from '../axe'

const file = (id: string, type: string): Attachment => ({
  id,
  filename: `${id}.bin`,
  content_type: type,
  size: 10,
  url: `https://files.example/${id}`,
})
const FILES = [file('one', 'image/png'), file('two', 'application/zip'), file('three', 'image/jpeg')]

async function mountViewer(props: Record<string, unknown> = {}) {
  const onClose = vi.fn()
  const { rerender } = render(FileViewer, { props: { show: true, files: FILES, initialIndex: 0, onClose, ...props } })
  return { dialog: await screen.findByRole('dialog'), onClose, rerender }
}

describe('FileViewer', () => {
  test('loads nothing until it is shown', () => {
    const { container } = render(FileViewer, { props: { show: false, files: FILES } })
    expect(container.textContent).toBe('')
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  test('goes through the files by arrow keys and stops at the ends', async () => {
    const { dialog } = await mountViewer()
    expect(dialog).toHaveTextContent('1 / 3')
    await fireEvent.keyDown(dialog, { key: 'ArrowLeft' })
    expect(dialog).toHaveTextContent('1 / 3')
    await fireEvent.keyDown(dialog, { key: 'ArrowRight' })
    expect(dialog).toHaveTextContent('2 / 3')
  })

  test('starts where it is told', async () => {
    const { dialog } = await mountViewer({ initialIndex: 2 })
    expect(dialog).toHaveTextContent('3 / 3')
  })

  test('zooms by keys, and 0 resets', async () => {
    const { dialog } = await mountViewer()
    await fireEvent.keyDown(dialog, { key: '+' })
    expect(dialog).toHaveTextContent('125%')
    await fireEvent.keyDown(dialog, { key: '0' })
    expect(dialog).toHaveTextContent('100%')
  })

  test('a file it cannot show is offered for download', async () => {
    const { dialog } = await mountViewer({ initialIndex: 1 })
    expect(dialog).toHaveTextContent('two.bin')
    expect(dialog.querySelector('img')).toBeNull()
  })

  test('W14 an expired picture gets one fresh link', async () => {
    const refresh = vi.fn(async () => ({ url: 'https://files.example/fresh' }))
    const { dialog } = await mountViewer({ refresh })
    await fireEvent.error(dialog.querySelector('img') as HTMLElement)
    await waitFor(() => expect(dialog.querySelector('img')?.getAttribute('src')).toBe('https://files.example/fresh'))
    await fireEvent.error(dialog.querySelector('img') as HTMLElement)
    expect(refresh).toHaveBeenCalledOnce()
    expect(await screen.findByRole('alert')).toBeVisible()
  })

  test('an event that renews the files moves nothing: same picture, same link, same zoom', async () => {
    const { dialog, rerender } = await mountViewer()
    const picture = dialog.querySelector('img') as HTMLElement
    await fireEvent.load(picture)
    await fireEvent.keyDown(dialog, { key: '+' })
    await rerender({ files: FILES.map((each) => ({ ...each, url: `${each.url}?newer` })) })
    expect(dialog.querySelector('img')).toBe(picture)
    expect(picture).toHaveClass('file-viewer__image--loaded')
    expect(picture).toHaveAttribute('src', 'https://files.example/one')
    expect(dialog).toHaveTextContent('125%')
  })

  test('Escape closes it', async () => {
    const { onClose } = await mountViewer()
    await userEvent.keyboard('{Escape}')
    expect(onClose).toHaveBeenCalledOnce()
  })

  test('W49 axe finds nothing', async () => {
    const { dialog } = await mountViewer()
    await waitFor(() => expect(screen.getByRole('button', { name: 'Скачать' })).toBeVisible())
    expect(await violations(dialog)).toEqual([])
  })
})
