/** What the bundler leaves to do: style.css from the same source as the adopted sheet, and the types. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeStyles, writeTypes } from '../../../scripts/packageBuild.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const at = (...parts) => join(root, ...parts)

/** Types of the client are part of the package: imports of it become paths to its files. */
function pointAtClient() {
  const types = at('dist/types')
  const targets = {
    '@mtchat/client/state': join(types, 'client/src/state/index'),
    '@mtchat/client': join(types, 'client/src/index'),
  }
  for (const name of readdirSync(types, { recursive: true })) {
    if (!name.endsWith('.d.ts')) continue
    const file = join(types, name)
    const text = readFileSync(file, 'utf8').replace(/(['"])(@mtchat\/client(?:\/state)?)\1/g, (_, quote, target) => {
      const path = relative(dirname(file), targets[target]).split(sep).join('/')
      return `${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`
    })
    writeFileSync(file, text)
  }
}

/** The bundler hides the address of the worker from the bundler of the host, which has to find it. */
function showWorker() {
  const file = at('dist/components/FileViewer/pdf.js')
  const text = readFileSync(file, 'utf8')
  const plain = text.replace(
    /new URL\(\s*(["'][^"']+["']),\s*"" \+ import\.meta\.url\s*\)/,
    'new URL($1, import.meta.url)',
  )
  if (!plain.includes('pdf.worker.min.mjs", import.meta.url)')) throw new Error('pdf.js does not name its worker')
  writeFileSync(file, plain)
}

await writeStyles(root)
showWorker()
writeTypes(root)
pointAtClient()
