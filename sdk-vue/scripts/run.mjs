/** Runs the default export of a TypeScript file: node scripts/run.mjs bench/measure.ts. False is a failure. */
import { resolve } from 'node:path'
import { runnerImport } from 'vite'

const { module } = await runnerImport(resolve(process.argv[2]))
process.exitCode = (await module.default(...process.argv.slice(3))) === false ? 1 : 0
