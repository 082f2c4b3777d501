/**
 * What a host pays for an import of the built package: minified, gzip level 9, vue outside. Only what is loaded at the
 * start counts; what is fetched on first use is listed below it. Fails above a limit.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'

const dist = fileURLToPath(new URL('../packages/vue/dist', import.meta.url))

/** Kilobytes of 1000 bytes. */
const LIMITS = [
  { name: 'MTChat, styles included', code: "export { MTChat } from './index.js'", limit: 60 },
  // The aim is 14; replay, the outbox, optimistic changes and read tracking make the rest. What is added must be worth its place.
  { name: 'useChat', code: "export { useChat } from './headless.js'", limit: 15.2 },
  { name: 'MTChatClient', code: "export { MTChatClient } from './client.js'", limit: 10 },
  { name: 'formatFileSize', code: "export { formatFileSize } from './index.js'", limit: 1 },
]

const gzip = (text) => gzipSync(text, { level: 9 }).length / 1000

async function measure(code) {
  const bundle = await rolldown({
    input: 'start.js',
    external: ['vue'],
    logLevel: 'silent',
    plugins: [
      {
        name: 'start',
        resolveId: (id) => (id === 'start.js' ? join(dist, id) : undefined),
        load: (id) => (id === join(dist, 'start.js') ? code : undefined),
      },
    ],
  })
  const { output } = await bundle.generate({ format: 'esm', minify: true })
  const chunks = new Map(output.filter(({ type }) => type === 'chunk').map((chunk) => [chunk.fileName, chunk]))
  const atStart = new Set()
  const visit = (file) => {
    if (atStart.has(file) || !chunks.has(file)) return
    atStart.add(file)
    chunks.get(file).imports.forEach(visit)
  }
  visit(output.find(({ isEntry }) => isEntry).fileName)
  const later = [...chunks.keys()].filter((file) => !atStart.has(file))
  return {
    start: gzip([...atStart].map((file) => chunks.get(file).code).join('\n')),
    later: later.map((file) => [chunks.get(file).name, gzip(chunks.get(file).code)]),
  }
}

let failed = false
for (const { name, code, limit } of LIMITS) {
  const { start, later } = await measure(code)
  const over = start > limit
  failed ||= over
  console.log(`${over ? 'OVER ' : 'ok   '}${name}: ${start.toFixed(1)} KB of ${limit}`)
  for (const [file, size] of later.sort((a, b) => b[1] - a[1])) {
    if (size > 1) console.log(`       on first use: ${file} ${size.toFixed(1)} KB`)
  }
}
console.log(`     style.css alone: ${gzip(readFileSync(join(dist, 'style.css'))).toFixed(1)} KB`)
process.exitCode = failed ? 1 : 0
