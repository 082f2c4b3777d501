/** What the bundler leaves to do: style.css from the same source as the adopted sheet, and the types. */
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
const at = (path) => `${root}${path}`

const result = await build({
  configFile: false,
  logLevel: 'warn',
  root,
  build: { write: false, cssMinify: true, rollupOptions: { input: at('src/style.css') } },
})
const css = [result]
  .flat()
  .flatMap(({ output }) => output)
  .find(({ fileName }) => fileName.endsWith('.css'))
writeFileSync(at('dist/style.css'), css.source)

rmSync(at('dist/types'), { recursive: true, force: true })
const compiler = createRequire(import.meta.url).resolve('vue-tsc/bin/vue-tsc.js')
execFileSync(process.execPath, [compiler, '-p', at('tsconfig.build.json')], { stdio: 'inherit' })
