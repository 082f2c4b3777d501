/** The worker of the PDF library as a file of its own, beside the chunk that starts it. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { posix } from 'node:path'

const NAME = 'pdf.worker.min.mjs'
const source = () => readFileSync(createRequire(import.meta.url).resolve(`pdfjs-dist/build/${NAME}`))

/** @param {string} directory where the chunks are, below the output directory. */
export function pdfWorker(directory) {
  return {
    name: 'mtchat-pdf-worker',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        if (!request.url?.split('?')[0]?.endsWith(NAME)) return next()
        response.setHeader('content-type', 'text/javascript')
        response.end(source())
      })
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: posix.join(directory, NAME), source: source() })
    },
  }
}

/**
 * For the script build: the PDF library is no part of the script, but the chunk of the module build beside it,
 * fetched when the first PDF is opened.
 */
export function pdfBesideScript() {
  return {
    name: 'mtchat-pdf-beside-script',
    enforce: 'pre',
    load(id) {
      if (!id.endsWith('/FileViewer/pdf.ts')) return undefined
      return `
        const here = globalThis.document?.currentScript?.src
        export async function openPdf(url) {
          const { openPdf } = await import(/* @vite-ignore */ new URL('components/FileViewer/pdf.js', here).href)
          return openPdf(url)
        }`
    },
  }
}
