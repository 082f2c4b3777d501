/** The PDF library: fetched when the first PDF is opened, with a worker that is a file of its own. */
import type * as PdfLibrary from 'pdfjs-dist'

let library: Promise<typeof PdfLibrary> | undefined

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string }
}

async function load() {
  const pdf = await import('pdfjs-dist')
  // A file beside this one: no data: address, which a strict Content-Security-Policy refuses.
  const worker = new URL('./pdf.worker.min.mjs', import.meta.url).href
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  const policy = trustedTypes?.createPolicy('mtchat-pdf', { createScriptURL: (url) => (url === worker ? url : '') })
  // The library knows no Trusted Types: where there are some, it gets a worker that runs already.
  if (policy && new URL(worker).origin === location.origin) {
    pdf.GlobalWorkerOptions.workerPort = new Worker(policy.createScriptURL(worker), { type: 'module' })
  } else {
    pdf.GlobalWorkerOptions.workerSrc = worker
  }
  return pdf
}

/**
 * Opens a document. The returned task has a `promise` of it, and `destroy()` frees it and stops what is under way.
 * @param url where it is; expired links reject.
 */
export async function openPdf(url: string): Promise<PdfLibrary.PDFDocumentLoadingTask> {
  library ??= load()
  try {
    const pdf = await library
    return pdf.getDocument({ url, isEvalSupported: false })
  } catch (error) {
    // The network may be back at the next try.
    library = undefined
    throw error
  }
}
