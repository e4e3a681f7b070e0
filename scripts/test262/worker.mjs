// Runs one test in this worker's realm, and says why it failed.
import { createRequire } from 'node:module'
import vm from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import { CONSTRUCT, REWRITE, literals, rewrite } from './rewrite.mjs'

const { name, source, includes, negative, engine } = /** @type {{ name: string, source: string, includes: { file: string, source: string }[], negative: boolean, engine: string }} */ (workerData)
const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort)
const post = port.postMessage.bind(port)

const Class = load()
for (const [key, value] of Object.entries({
  [CONSTRUCT]: Class,
  [REWRITE]: (/** @type {unknown} */ text) => typeof text === 'string' ? rewrite(text) : text,
  print: () => {},
  $262: { global: globalThis, evalScript: (/** @type {string} */ text) => vm.runInThisContext(rewrite(text)) }
})) Object.defineProperty(globalThis, key, { value, writable: true, configurable: true })
Object.defineProperty(globalThis, 'RegExp', { value: Class, writable: true, configurable: true })
const patterns = negative ? literals(source) : []
const text = negative ? '' : rewrite(source)

post({ failure: negative ? runNegative() : runPositive() })

function load () {
  if (engine === 'native') return RegExp
  const require = createRequire(import.meta.url)
  if (engine === 'safe') return require('../../index.js').SafeRegExp
  return createRequire(new URL('../../bench/package.json', import.meta.url))(engine)
}

/** @returns {string | undefined} */
function runNegative () {
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
function runPositive () {
  try {
    for (const { file, source } of includes) vm.runInThisContext(source, { filename: file })
    vm.runInThisContext(text, { filename: name })
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
