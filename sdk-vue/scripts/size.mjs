/**
 * What a host pays for an import of the built package: minified, gzip level 9, vue outside. What is loaded at the start
 * counts, and what a mounted component fetches at once; what is fetched on first use is listed below it. Fails above a limit.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'

const distOf = (name) => fileURLToPath(new URL(`../packages/${name}/dist`, import.meta.url))

/** Every chat needs them before its first message: the sanitiser and one table of texts, of which the largest counts. */
const SANITISER = 'sanitize'
const LOCALES = ['en', 'ru', 'zh']

/** Kilobytes of 1000 bytes. */
const LIMITS = [
  {
    name: 'MTChat with styles, sanitiser and texts',
    code: "export { MTChat } from './index.js'",
    limit: 60,
    atMount: [[SANITISER], LOCALES],
  },
  { name: 'useChat', code: "export { useChat } from './headless.js'", limit: 14 },
  { name: 'MTChatClient', code: "export { MTChatClient } from './client.js'", limit: 10 },
  { name: 'formatFileSize', code: "export { formatFileSize } from './index.js'", limit: 1 },
  // On top of MTChat and of what the host has of PrimeVue.
  {
    name: 'MTChatPrime with styles',
    from: 'vue-primevue',
    code: "export { MTChatPrime } from './index.js'",
    limit: 8.5,
  },
]

const gzip = (text) => gzipSync(text, { level: 9 }).length / 1000

async function measure(code, from) {
  const dist = distOf(from)
  const bundle = await rolldown({
    input: 'start.js',
    external: /^(vue|@mtchat\/vue|primevue\/.*)$/,
    logLevel: 'silent',
    plugins: [
      {
        name: 'start',
        resolveId: (id) => (id === 'start.js' ? join(dist, id) : undefined),
        load: (id) => (id === join(dist, 'start.js') ? code : undefined),
      },
    ],
  })
  // The last minifier of a host's build (Vite's, esbuild, terser) drops what is written for the bundler alone.
  const comments = { annotation: false, jsdoc: false }
  const { output } = await bundle.generate({ format: 'esm', minify: true, comments })
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
    later: new Map(later.map((file) => [chunks.get(file).name, gzip(chunks.get(file).code)])),
  }
}

/** Of each group the largest chunk; a group of which none is there is a mistake in the names above. */
function atMountOf(groups, later) {
  return groups.map((names) => {
    const [largest] = names.filter((name) => later.has(name)).sort((a, b) => later.get(b) - later.get(a))
    if (!largest) throw new Error(`none of these is fetched on mount: ${names.join(', ')}`)
    return largest
  })
}

let failed = false
for (const { name, code, limit, from = 'vue', atMount = [] } of LIMITS) {
  const { start, later } = await measure(code, from)
  const fetched = atMountOf(atMount, later)
  const size = fetched.reduce((sum, chunk) => sum + later.get(chunk), start)
  const over = size > limit
  failed ||= over
  console.log(`${over ? 'OVER ' : 'ok   '}${name}: ${size.toFixed(1)} KB of ${limit}`)
  for (const chunk of fetched) console.log(`       of it on mount: ${chunk} ${later.get(chunk).toFixed(1)} KB`)
  for (const [chunk, size] of [...later].sort((a, b) => b[1] - a[1])) {
    if (size > 1 && !fetched.includes(chunk)) console.log(`       on first use: ${chunk} ${size.toFixed(1)} KB`)
  }
}
console.log(`     style.css alone: ${gzip(readFileSync(join(distOf('vue'), 'style.css'))).toFixed(1)} KB`)
process.exitCode = failed ? 1 : 0
