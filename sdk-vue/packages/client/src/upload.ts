/** Putting bytes into storage. Fetched with the first file, so errors are made by who fetches: see later.ts. */
import type { MTChatError } from './errors'

type MakeError = (...what: ConstructorParameters<typeof MTChatError>) => MTChatError

interface Failures {
  failed(status: number): MTChatError
  aborted(): MTChatError
}

/**
 * PUT of a file to a signed address. `onProgress` gets 0..100.
 * XMLHttpRequest where there is one, because fetch tells nothing about how far it is.
 */
export function putFile(
  url: string,
  file: Blob,
  makeError: MakeError,
  onProgress?: (percent: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const failures: Failures = {
    failed: (status: number) => makeError('UPLOAD_FAILED', 'The file could not be uploaded', status),
    aborted: () => makeError('ABORTED', 'The upload was cancelled'),
  }
  if (signal?.aborted) return Promise.reject(failures.aborted())
  const put = typeof XMLHttpRequest === 'undefined' ? putByFetch : putByXhr
  return put(url, file, failures, onProgress, signal)
}

async function putByFetch(
  url: string,
  file: Blob,
  { failed, aborted }: Failures,
  onProgress?: (percent: number) => void,
  signal?: AbortSignal,
) {
  const response = await fetch(url, {
    method: 'PUT',
    body: file,
    headers: file.type ? { 'Content-Type': file.type } : {},
    signal: signal ?? null,
  }).catch(() => {
    throw signal?.aborted ? aborted() : failed(0)
  })
  if (!response.ok) throw failed(response.status)
  onProgress?.(100)
}

function putByXhr(
  url: string,
  file: Blob,
  { failed, aborted }: Failures,
  onProgress?: (percent: number) => void,
  signal?: AbortSignal,
) {
  return new Promise<void>((resolve, reject) => {
    const xhr = new XMLHttpRequest()
    const stop = () => xhr.abort()
    xhr.open('PUT', url)
    if (file.type) xhr.setRequestHeader('Content-Type', file.type)
    xhr.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress?.(Math.round((event.loaded / event.total) * 100))
    }
    xhr.onload = () => (xhr.status >= 200 && xhr.status < 300 ? resolve() : reject(failed(xhr.status)))
    xhr.onerror = () => reject(failed(0))
    xhr.onabort = () => reject(aborted())
    xhr.onloadend = () => signal?.removeEventListener('abort', stop)
    signal?.addEventListener('abort', stop, { once: true })
    xhr.send(file)
  })
}
