/** The PDF library: fetched when the first PDF is opened, with a worker that is a file of its own. */
import type * as PdfLibrary from 'pdfjs-dist'

interface Loaded {
  pdf: typeof PdfLibrary
  /** One for all documents, where the library cannot start its own. */
  worker?: PdfLibrary.PDFWorker
}

let library: Promise<Loaded> | undefined

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string }
}

async function load(): Promise<Loaded> {
  const pdf = await import('pdfjs-dist')
  // A file beside this one: no data: address, which a strict Content-Security-Policy refuses.
  const worker = new URL('./pdf.worker.min.mjs', import.meta.url).href
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  const policy = trustedTypes?.createPolicy('mtchat-pdf', { createScriptURL: (url) => (url === worker ? url : '') })
  // The library knows no Trusted Types: where there are some, it gets a worker that runs already.
  if (policy && new URL(worker).origin === location.origin) {
    // Ours, not a document's: a document that goes would take it along while another is being opened.
    const port = new Worker(policy.createScriptURL(worker), { type: 'module' })
    return { pdf, worker: pdf.PDFWorker.create({ port }) }
  }
  pdf.GlobalWorkerOptions.workerSrc = worker
  return { pdf }
}

/**
 * Opens a document. The returned task has a `promise` of it, and `destroy()` frees it and stops what is under way.
 * @param url where it is; expired links reject.
 */
export async function openPdf(url: string): Promise<PdfLibrary.PDFDocumentLoadingTask> {
  library ??= load()
  try {
    const { pdf, worker } = await library
    return pdf.getDocument({ url, isEvalSupported: false, ...(worker && { worker }) })
  } catch (error) {
    // The network may be back at the next try.
    library = undefined
    throw error
  }
}
