/** The built package has short names for what is the engine's own (scripts/shortNames.mjs). */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { shortNames } from '../../../../scripts/shortNames.mjs'

const src = join(import.meta.dirname, '../../src')

interface Owner {
  name: string
  base: string | undefined
  members: string[]
}

function ownersIn(file: string): Owner[] {
  const { statements } = ts.createSourceFile(file, readFileSync(join(src, file), 'utf8'), ts.ScriptTarget.Latest)
  const declared = statements.filter((node) => ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node))
  return declared.map((node) => ({
    name: node.name!.text,
    base: (node.heritageClauses?.[0]?.types[0]?.expression as ts.Identifier | undefined)?.text,
    members: node.members.flatMap((member): string[] => {
      // What a constructor takes as private or public is a member too.
      if (ts.isConstructorDeclaration(member))
        return member.parameters.filter((p) => p.modifiers?.length).map((p) => (p.name as ts.Identifier).text)
      return member.name && ts.isIdentifier(member.name) ? [member.name.text] : []
    }),
  }))
}

// The compiler reads the whole client: seconds on a busy machine.
test(
  'names that stand in one class or interface, inherited ones too, stay different names',
  { timeout: 60_000 },
  () => {
    const short: Record<string, string> = shortNames()
    const owners = readdirSync(src, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && name !== 'wire.ts')
      .flatMap(ownersIn)
    const membersOf = (owner: Owner): string[] => [
      ...owner.members,
      ...owners.filter(({ name }) => name === owner.base).flatMap(membersOf),
    ]
    const clashing = owners.filter((owner) => {
      const names = [...new Set(membersOf(owner))]
      return new Set(names.map((name) => short[name] ?? name)).size < names.length
    })
    expect(Object.keys(short).length).toBeGreaterThan(100)
    expect(clashing.map(({ name }) => name)).toEqual([])
  },
)
