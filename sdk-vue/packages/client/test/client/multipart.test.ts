import { beforeEach, describe, expect, test, vi } from 'vitest'
import { MTChatApi } from '../../src'
import { Uploads } from '../../src/state'
import { SCOPES, settle, useWorld } from '../people'

const world = useWorld()
const MIB = 1024 * 1024
const PART = 8 * MIB

/** A file of so many bytes that holds none. */
function fileOf(size: number, name = 'film.mp4'): File {
  const file = new File([], name, { type: 'video/mp4' })
  const slice = (from: number, to: number) => Object.assign(new Blob([]), { from, to })
  return Object.defineProperties(file, { size: { value: size }, slice: { value: slice } })
}

/** Storage and the routes of large uploads, in memory. */
class Parts {
  stored = new Set<number>()
  puts: string[] = []
  calls: string[] = []
  /** How many of the next PUTs fail, and how. */
  failing: number[] = []
  known = true
  private id = 0
  private links = 0

  answer(method: string, url: URL): Response | undefined {
    if (url.host === 'files.test') return this.put(url)
    const route = /\/upload\/multipart(\/[^/]+)?(\/complete)?$/.exec(url.pathname)
    if (!route) return undefined
    this.calls.push(`${method} ${route[0].replace('/upload/multipart', '') || '/'}`)
    if (!this.known) return new Response('{"error":{"code":"NOT_FOUND"}}', { status: 404 })
    if (method === 'DELETE') return new Response(null, { status: 204 })
    if (route[2]) return json({ s3_key: 'dialogs/d/large', size: 20 * MIB })
    if (method === 'POST') this.id++
    return json({
      upload_id: `up-${this.id}`,
      s3_key: 'dialogs/d/large',
      part_size: PART,
      expires_in: 300,
      parts: [PART, PART, 4 * MIB].map((size, i) => ({
        number: i + 1,
        size,
        is_stored: this.stored.has(i + 1),
        ...(!this.stored.has(i + 1) && { upload_url: `https://files.test/${i + 1}?link=${++this.links}` }),
      })),
    })
  }

  private put({ pathname, search }: URL): Response {
    this.puts.push(pathname + search)
    const status = this.failing.shift()
    if (status) return new Response(null, { status })
    if (pathname.length === 2) this.stored.add(Number(pathname.slice(1)))
    return new Response(null)
  }
}

const json = (data: unknown) => new Response(JSON.stringify({ data }))

let parts: Parts
let uploads: Uploads
let onChange: () => void

beforeEach(() => {
  parts = new Parts()
  const others = globalThis.fetch
  globalThis.fetch = async (input, init) =>
    parts.answer(init?.method ?? 'GET', new URL(String(input))) ?? others(input, init)
  const api = new MTChatApi('http://chat.test', 'anna', SCOPES)
  onChange = () => undefined
  uploads = new Uploads({ api: () => api, onChange: () => onChange() })
})

const item = () => uploads.of('d')[0]
/** Retries wait at random below a bound; modules are read from the disk. */
const ended = (status: string) => vi.waitFor(async () => (await settle(5000), expect(item()?.status).toBe(status)))

describe('large files', () => {
  test('a file over 16 MiB goes in parts, and its key is that of the whole', async () => {
    const progress: number[] = []
    onChange = () => progress.push(item()!.progress)
    void uploads.add('d', [fileOf(20 * MIB)])
    await ended('uploaded')
    expect(item()).toMatchObject({ s3Key: 'dialogs/d/large', progress: 100 })
    expect(parts.stored).toEqual(new Set([1, 2, 3]))
    expect(parts.calls).toEqual(['POST /', 'POST /up-1/complete'])
    expect(progress).toEqual([...progress].sort((a, b) => a - b))
  })

  test('a file of 16 MiB goes in one piece', async () => {
    void uploads.add('d', [fileOf(16 * MIB)])
    await ended('uploaded')
    expect(parts.calls).toEqual([])
    expect(parts.puts).toHaveLength(1)
  })

  test('the original server knows no parts: one piece after all', async () => {
    parts.known = false
    void uploads.add('d', [fileOf(20 * MIB)])
    await ended('uploaded')
    expect(world.server.asked('POST', /presign$/)).toHaveLength(1)
    expect(parts.puts).toHaveLength(1)
  })

  test('a part that fails is sent again under a fresh address', async () => {
    parts.failing = [403]
    void uploads.add('d', [fileOf(20 * MIB)])
    await ended('uploaded')
    const first = parts.puts.filter((put) => put.startsWith('/1?'))
    expect(new Set(first).size).toBe(2)
    expect(parts.puts).toHaveLength(4)
  })

  test('after a failure, trying again sends only what is missing', async () => {
    void uploads.add('d', [fileOf(20 * MIB)])
    parts.failing = [0, 503, 503, 503, 503, 503, 503]
    await ended('error')
    expect(item()!.issue).toMatchObject({ code: 'upload' })
    const had = new Set(parts.stored)
    expect(had.size).toBeGreaterThan(0)
    const before = parts.puts.length
    parts.failing = []
    void uploads.retry('d', item()!.id)
    await ended('uploaded')
    const again = parts.puts.slice(before).map((put) => Number(put[1]))
    expect(again.filter((number) => had.has(number))).toEqual([])
    expect(parts.calls.filter((call) => call === 'POST /')).toHaveLength(1)
  })

  test('an upload the server has forgotten meanwhile is begun anew', async () => {
    parts.failing = Array(9).fill(503)
    void uploads.add('d', [fileOf(20 * MIB)])
    await ended('error')
    parts.failing = []
    const answer = parts.answer.bind(parts)
    let forgot = true
    parts.answer = (method, url) => {
      if (method === 'GET' && forgot) {
        forgot = false
        return new Response('{}', { status: 404 })
      }
      return answer(method, url)
    }
    void uploads.retry('d', item()!.id)
    await ended('uploaded')
    expect(parts.calls).toContain('POST /up-2/complete')
  })

  test('taken off the queue, what arrived is given up on the server', async () => {
    parts.failing = Array(9).fill(503)
    void uploads.add('d', [fileOf(20 * MIB)])
    await ended('error')
    uploads.remove('d', item()!.id)
    await settle()
    expect(parts.calls.at(-1)).toBe('DELETE /up-1')
  })
})
