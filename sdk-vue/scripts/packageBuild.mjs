/** What the bundler leaves to do for every package of components. */
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build } from 'vite'

/** Writes dist/style.css, from the same source as the adopted sheet. */
export async function writeStyles(root) {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    root,
    build: { write: false, cssMinify: true, rollupOptions: { input: join(root, 'src/style.css') } },
  })
  const css = [result]
    .flat()
    .flatMap(({ output }) => output)
    .find(({ fileName }) => fileName.endsWith('.css'))
  writeFileSync(join(root, 'dist/style.css'), css.source)
}

/** Writes the types to dist/types, by tsconfig.build.json. */
export function writeTypes(root) {
  rmSync(join(root, 'dist/types'), { recursive: true, force: true })
  const compiler = createRequire(import.meta.url).resolve('vue-tsc/bin/vue-tsc.js')
  execFileSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' })
}
