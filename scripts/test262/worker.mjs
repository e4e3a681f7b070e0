// Runs one test in this realm, of a worker or, for binaries that can end their process, of a program of its own, and says why it failed.
import { readFileSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import vm from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import { CONSTRUCT, REWRITE, rewrite } from './rewrite.mjs'

/** @typedef {{ file: string, source: string }} Script */
/** A positive test has rewritten source. @typedef {{ name: string, source: string, includes: Script[], negative: boolean, patterns: import('./rewrite.mjs').Literal[], engine: string }} Data */
const { name, source, includes, negative, patterns, engine } = /** @type {Data} */ (workerData ?? JSON.parse(readFileSync(0, 'utf8')))
const { stringify } = JSON
/** @type {(result: { failure: string | undefined }) => void} */
const post = parentPort?.postMessage.bind(parentPort) ?? ((result) => writeSync(1, stringify(result)))

const Class = load()
for (const [key, value] of Object.entries({
  [CONSTRUCT]: Class,
  [REWRITE]: (/** @type {unknown} */ text) => typeof text === 'string' ? rewrite(text) : text,
  print: () => {},
  $262: { global: globalThis, evalScript: (/** @type {string} */ text) => vm.runInThisContext(rewrite(text)), createRealm }
})) Object.defineProperty(globalThis, key, { value, writable: true, configurable: true })
Object.defineProperty(globalThis, 'RegExp', { value: Class, writable: true, configurable: true })

post({ failure: negative ? runNegative() : runPositive() })

function load () {
  if (engine === 'native') return RegExp
  const require = createRequire(import.meta.url)
  if (engine === 'safe') return require('../../index.js').SafeRegExp
  return createRequire(new URL('../../bench/package.json', import.meta.url))(engine)
}

/** Another realm with a class of its own in RegExp's place; with the same one, if it is a package's: a binary has one for all realms. */
function createRealm () {
  const context = vm.createContext()
  const global = vm.runInContext('globalThis', context)
  if (engine !== 'native') {
    const value = engine === 'safe' ? libraryIn(context).SafeRegExp : Class
    Object.defineProperty(global, 'RegExp', { value, writable: true, configurable: true })
  }
  return { global, evalScript: (/** @type {string} */ text) => vm.runInContext(text, context) }
}

/** What `require('sidelane')` is to a program of that realm. @param {import('node:vm').Context} context */
function libraryIn (context) {
  const global = vm.runInContext('globalThis', context)
  // What Node adds to JavaScript's globals.
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!(name in global)) Object.defineProperty(global, name, /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(globalThis, name)))
  }
  /** @type {Map<string, { exports: any }>} */
  const modules = new Map()
  /** @param {string} file */
  const load = (file) => {
    const known = modules.get(file)
    if (known !== undefined) return known.exports
    const module = { exports: {} }
    modules.set(file, module)
    const require = createRequire(file)
    const names = ['exports', 'require', 'module', '__filename', '__dirname']
    const body = vm.compileFunction(readFileSync(file, 'utf8'), names, { filename: file, parsingContext: context })
    body(module.exports, (/** @type {string} */ name) => {
      const found = require.resolve(name)
      return path.isAbsolute(found) && found.endsWith('.js') ? load(found) : require(name)
    }, module, file, path.dirname(file))
    return module.exports
  }
  return load(fileURLToPath(new URL('../../index.js', import.meta.url)))
}

/** @returns {string | undefined} */
function runNegative () {
  if (patterns.length === 0) return runRefused()
  for (const { pattern, flags } of patterns) {
    try {
      new Class(pattern, flags) // oxlint-disable-line no-new
    } catch (error) {
      return error instanceof SyntaxError ? undefined : `${error} instead of a SyntaxError`
    }
  }
  return `no error for ${patterns.map(({ pattern, flags }) => `/${pattern}/${flags}`).join(' ')}`
}

/** @returns {string | undefined} */
function runRefused () {
  try {
    new vm.Script(source) // oxlint-disable-line no-new
    return 'no error'
  } catch (error) {
    return error instanceof SyntaxError ? undefined : `${error} instead of a SyntaxError`
  }
}

/** @returns {string | undefined} */
function runPositive () {
  try {
    for (const { file, source } of includes) vm.runInThisContext(source, { filename: file })
    vm.runInThisContext(source, { filename: name })
    return undefined
  } catch (thrown) {
    const error = /** @type {{ name?: unknown, message?: unknown } | null | undefined} */ (thrown)
    try {
      return String(error?.message ? `${error.name}: ${error.message}` : error)
    } catch {
      return 'an error that cannot be shown'
    }
  }
}
