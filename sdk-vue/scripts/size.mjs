/**
 * Sizes a host pays: each entry bundled and minified with everything it imports but Vue, gzip level 9.
 * Fails when one is over its budget. Needs no build. To add an entry: a line in `budgets`.
 */
import { gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { aliases } from './aliases.mjs'

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const client = at('packages/client/src/index.ts')
const headless = at('packages/vue/src/headless.ts')

/**
 * Bytes. The aim for `useChat` was 14 000; replay, optimistic changes, the outbox and read tracking came to 17 000,
 * evenly spread (the largest module is 1 600). The gate holds it there: what is added must be worth its place.
 */
const budgets = [
  { name: 'client, everything', code: `export * from '${client}'`, budget: 7_000 },
  { name: 'client, MTChatClient', code: `export { MTChatClient } from '${client}'`, budget: 6_000 },
  { name: 'headless, useChat', code: `export { useChat } from '${headless}'`, budget: 17_400, aim: 14_000 },
  { name: 'headless, everything', code: `export * from '${headless}'`, budget: 20_000 },
]

let failed = false
for (const { name, code, budget, aim = budget } of budgets) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: at('.') },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    external: ['vue'],
    alias: aliases,
    write: false,
    logLevel: 'error',
  })
  const [{ contents }] = outputFiles
  const gzip = gzipSync(contents, { level: 9 }).length
  const over = gzip > budget
  failed ||= over
  console.log(
    `${name.padEnd(24)} raw ${contents.length}  gzip ${gzip}  budget ${budget}  ${over ? 'TOO LARGE' : gzip > aim ? `over the aim of ${aim}` : 'ok'}`,
  )
}
process.exitCode = failed ? 1 : 0
