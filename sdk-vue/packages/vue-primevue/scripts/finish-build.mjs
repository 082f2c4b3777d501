/** What the bundler leaves to do: style.css from the same source as the adopted sheet, and the types. */
import { fileURLToPath } from 'node:url'
import { writeStyles, writeTypes } from '../../../scripts/packageBuild.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

await writeStyles(root)
writeTypes(root)
