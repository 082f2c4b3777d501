/**
 * Writes packages/client/src/wire.ts, the bodies of the wire as types, from the server's OpenAPI document.
 * `--check` writes nothing and fails when the file is not what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import openapiTS, { astToString } from 'openapi-typescript'
import { format, resolveConfig } from 'prettier'

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const target = at('packages/client/src/wire.ts')
const HEAD = `/**
 * Bodies of requests (\`...In\`) and answers (\`...Out\`), generated from docs/openapi.json by \`npm run wire-types\`.
 * types.ts has the names that hosts use; the type tests hold the two together.
 */
`

const { components, ...document } = JSON.parse(readFileSync(at('../docs/openapi.json'), 'utf8'))
const bodies = { ...document, paths: {}, components: { schemas: components.schemas } }
const code = astToString(await openapiTS(bodies, { rootTypes: true, rootTypesNoSchemaPrefix: true }))
const schemas = code.slice(code.indexOf('export interface components'), code.indexOf('export type $defs'))
const text = await format(HEAD + schemas, { ...(await resolveConfig(target)), parser: 'typescript' })

if (!process.argv.includes('--check')) writeFileSync(target, text)
else if (readFileSync(target, 'utf8') !== text) {
  console.error('packages/client/src/wire.ts is not what docs/openapi.json says: npm run wire-types')
  process.exitCode = 1
}
