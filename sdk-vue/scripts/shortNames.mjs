/**
 * Short names for what nobody outside of a bundle can name: private members of the client, and members of classes and
 * interfaces that are not given to a host. A host's minifier has to keep the names of properties, and they are a tenth
 * of the weight; we know which ones are ours alone, because TypeScript does.
 *
 * A name is shortened only if nothing else in the client is called so: no public member, no field of the wire, nothing
 * of the platform.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import ts from 'typescript'

const at = (path) => fileURLToPath(new URL(`../packages/${path}`, import.meta.url))
const client = at('client')
const source = join(client, 'src') + sep

/** From the most frequent on; two letters after these. */
const LETTERS = 'etnisrolacdupmhgfbvyxwkzjqETNISROLACDUPMHGFBVYXWKZJQ'
const KEYWORDS = new Set(['as', 'at', 'do', 'if', 'in', 'is', 'of'])

function* letters() {
  yield* LETTERS
  for (const second of LETTERS) for (const first of LETTERS) if (!KEYWORDS.has(first + second)) yield first + second
}

/** Names that the Vue package imports from the engine. */
function importedByVue() {
  const files = readdirSync(at('vue/src'), { recursive: true }).filter((name) => /\.(ts|vue)$/.test(name))
  const texts = files.map((name) => readFileSync(join(at('vue/src'), name), 'utf8'))
  const lists = texts.flatMap((text) => [...text.matchAll(/\{([^}]*)\} from '@mtchat\/client\/state'/g)])
  return new Set(lists.flatMap(([, names]) => names.match(/\w+/g) ?? []))
}

/** Symbols a host can get hold of: classes whose instances reach it, and every type an entry exports. */
function visibleSymbols(program, checker) {
  const exportsOf = (name) =>
    checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(source + name)))
  const resolve = (s) => (s.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(s) : s)
  const imported = importedByVue()
  const engine = exportsOf(join('state', 'index.ts')).map((s) => ({ name: s.name, symbol: resolve(s) }))
  const kept = engine.filter(({ name, symbol }) => imported.has(name) || !(symbol.flags & ts.SymbolFlags.Class))
  return new Set([...exportsOf('index.ts').map(resolve), ...kept.map(({ symbol }) => symbol)])
}

const isPrivate = (declaration) => ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private

/** True for a declared member that only our own code can name. */
function isOurs(declaration, checker, visible) {
  if (isPrivate(declaration)) return true
  const { parent } = declaration
  const owner = ts.isConstructorDeclaration(parent) ? parent.parent : parent
  const mayBe = ts.isClassDeclaration(owner) || ts.isInterfaceDeclaration(owner)
  return (
    mayBe && owner.getSourceFile().fileName.startsWith(source) && !visible.has(checker.getSymbolAtLocation(owner.name))
  )
}

function isNameOfProperty(node) {
  const { parent } = node
  if (ts.isShorthandPropertyAssignment(parent)) return true
  if (ts.isBindingElement(parent))
    return ts.isObjectBindingPattern(parent.parent) && (parent.propertyName ?? parent.name) === node
  if (parent.name !== node) return false
  if (ts.isParameter(parent)) return ts.isParameterPropertyDeclaration(parent, parent.parent)
  return (
    ts.isPropertyAccessExpression(parent) ||
    ts.isClassElement(parent) ||
    ts.isTypeElement(parent) ||
    ts.isPropertyAssignment(parent)
  )
}

/** What a name in the place of a property stands for; undefined when it cannot be told. */
function declarationsOf(node, checker) {
  const { parent } = node
  if (ts.isBindingElement(parent)) return checker.getTypeAtLocation(parent.parent).getProperty(node.text)?.declarations
  if (ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent)) {
    return checker.getContextualType(parent.parent)?.getProperty(node.text)?.declarations
  }
  return ts.isParameter(parent) ? [parent] : checker.getSymbolAtLocation(node)?.declarations
}

function* identifiers(node) {
  if (ts.isIdentifier(node)) yield node
  const children = []
  node.forEachChild((child) => void children.push(child))
  for (const child of children) yield* identifiers(child)
}

function readProgram() {
  const { config } = ts.readConfigFile(join(client, 'tsconfig.json'), ts.sys.readFile)
  const { fileNames, options } = ts.parseJsonConfigFileContent({ ...config, include: ['src'] }, ts.sys, client)
  return ts.createProgram(fileNames, options)
}

/** name -> names it stands beside in a class or an interface, inherited ones among them: they need another short name. */
function neighbours(files, checker) {
  const found = new Map()
  for (const node of files.flatMap(({ statements }) => statements)) {
    if (!ts.isClassDeclaration(node) && !ts.isInterfaceDeclaration(node)) continue
    const names = checker
      .getTypeAtLocation(node)
      .getProperties()
      .map((s) => s.name)
    for (const name of names) found.set(name, new Set([...(found.get(name) ?? []), ...names]))
  }
  return found
}

/** name -> short name; the most frequent names are the shortest. Names that never meet may share one. */
export function shortNames() {
  const program = readProgram()
  const checker = program.getTypeChecker()
  const visible = visibleSymbols(program, checker)
  const files = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(source))
  const uses = new Map()
  for (const node of files.flatMap((file) => [...identifiers(file)])) {
    if (!isNameOfProperty(node)) continue
    const ours = declarationsOf(node, checker)?.every((d) => isOurs(d, checker, visible)) ?? false
    const use = uses.get(node.text) ?? { count: 0, ours: true }
    uses.set(node.text, { count: use.count + 1, ours: use.ours && ours })
  }
  const free = [...letters()].filter((name) => !uses.has(name))
  const names = [...uses].filter(([name, { ours }]) => ours && name.length > 2)
  names.sort(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1))
  const besides = neighbours(files, checker)
  const short = {}
  for (const [name] of names) {
    const taken = new Set([...(besides.get(name) ?? [])].map((other) => short[other]))
    short[name] = free.find((letter) => !taken.has(letter))
  }
  return short
}

/** A plugin for vite: the client's modules come with short names. */
export function shortenNames() {
  let names
  return {
    name: 'mtchat-short-names',
    enforce: 'pre',
    // Once and beforehand: no module has to wait for the compiler.
    configResolved() {
      names = shortNames()
    },
    async transform(code, id) {
      const [file] = id.split('?')
      if (!file.startsWith(source)) return undefined
      const { code: shortened, map } = await transform(code, {
        loader: 'ts',
        target: 'es2022',
        mangleProps: new RegExp(`^(?:${Object.keys(names).join('|')})$`),
        mangleCache: names,
        sourcefile: file,
        sourcemap: true,
        tsconfigRaw: { compilerOptions: { useDefineForClassFields: false, verbatimModuleSyntax: true } },
      })
      return { code: shortened, map }
    },
  }
}
