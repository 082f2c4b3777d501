/** The host's own web server: the built page, under the strictest Content-Security-Policy the chat promises to bear. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const ROOT = fileURLToPath(new URL('../host/dist', import.meta.url))
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
}

/** Nothing inline, nothing from anywhere but the page and the chat's server, no string becomes code or HTML unseen. */
function policy(server: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' blob: ${server}`,
    `connect-src ${server} ${server.replace('http', 'ws')}`,
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types vue dompurify mtchat-inert mtchat-pdf',
  ].join('; ')
}

/** As every host's web server does. */
const known = new Map<string, Buffer>()
function gzipped(file: string, body: Buffer): Buffer {
  const made = known.get(file) ?? gzipSync(body)
  known.set(file, made)
  return made
}

export class Site {
  private constructor(
    readonly url: string,
    private readonly http: Server,
  ) {}

  static async launch(chatServer: string): Promise<Site> {
    const http = createServer(async (request, response) => {
      const path = new URL(request.url ?? '/', 'http://host').pathname
      const file = join(ROOT, normalize(path === '/' ? '/index.html' : path))
      try {
        const body = await readFile(file)
        response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream')
        response.setHeader('content-security-policy', policy(chatServer))
        if (path.startsWith('/assets/')) response.setHeader('cache-control', 'max-age=31536000, immutable')
        response.setHeader('content-encoding', 'gzip')
        response.end(gzipped(file, body))
      } catch {
        response.writeHead(404).end()
      }
    })
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    return new Site(`http://127.0.0.1:${(http.address() as { port: number }).port}`, http)
  }

  async dispose(): Promise<void> {
    this.http.closeAllConnections()
    this.http.close()
    await once(this.http, 'close')
  }
}
