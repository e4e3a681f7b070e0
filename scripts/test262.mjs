// The tests of tc39/test262 that are about regular expressions, with SafeRegExp in RegExp's place.
//   node scripts/test262.mjs --dir CHECKOUT [--engine safe|native|PACKAGE] [--filter TEXT] [--jobs N] [--timeout SECONDS] [--list]
//     --engine   `native` is the platform's own RegExp; any other name is a package of bench/node_modules (re2)
//     --filter   only tests whose path contains TEXT        --list   names every failure and every test set apart, with the reason
// Each test has a worker, and so a realm, of its own. Literals in its text become constructions (scripts/test262/rewrite.mjs), in
// the strings of eval and Function too; a negative test passes if one of its literals cannot be constructed. Without `use strict`,
// but where the test asks for it. Exits with 1 if a test that applies fails.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { classify, frontMatter } from './test262/select.mjs'

const FOLDERS = [
  'built-ins/RegExp', 'built-ins/RegExpStringIteratorPrototype', 'annexB/built-ins/RegExp', 'language/literals/regexp',
  'annexB/language/literals/regexp',
  ...['match', 'matchAll', 'replace', 'replaceAll', 'search', 'split'].map((name) => `built-ins/String/prototype/${name}`)
]

const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    engine: { type: 'string', default: 'safe' },
    filter: { type: 'string', default: '' },
    jobs: { type: 'string', default: String(os.availableParallelism()) },
    timeout: { type: 'string', default: '60' },
    list: { type: 'boolean', default: false }
  }
})
if (values.dir === undefined || !existsSync(path.join(values.dir, 'harness', 'sta.js'))) {
  console.error('test262: --dir must name a checkout of https://github.com/tc39/test262')
  process.exit(2)
}
const checkout = values.dir

/** @typedef {{ name: string, source: string, meta: import('./test262/select.mjs').Meta, apart?: string, failure?: string }} Test */

/** @type {Test[]} */
const tests = FOLDERS.flatMap((folder) => readdirSync(path.join(checkout, 'test', folder), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.js') && !file.includes('_FIXTURE'))
  .sort()
  .map((file) => `${folder}/${file}`))
  .filter((name) => name.includes(values.filter))
  .map((name) => {
    const source = readFileSync(path.join(checkout, 'test', name), 'utf8')
    const meta = frontMatter(source)
    return { name, source, meta, apart: classify(name, source, meta) }
  })

const start = Date.now()
const queue = tests.filter((test) => test.apart === undefined)
await Promise.all(Array.from({ length: Number(values.jobs) }, async () => {
  for (let test = queue.shift(); test !== undefined; test = queue.shift()) test.failure = await run(test)
}))
report()

/** @param {string} file */
function harness (file) {
  return { file, source: readFileSync(path.join(checkout, 'harness', file), 'utf8') }
}

/** @param {Test} test @returns {Promise<string | undefined>} why it failed */
function run ({ name, source, meta }) {
  const includes = meta.flags.includes('raw') ? [] : ['assert.js', 'sta.js', ...meta.includes].map(harness)
  const worker = new Worker(new URL('test262/worker.mjs', import.meta.url), {
    workerData: { name, source: meta.flags.includes('onlyStrict') ? `'use strict';\n${source}` : source, includes, negative: meta.negative, engine: values.engine },
    stdout: true,
    stderr: true
  })
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish(`no end within ${values.timeout} s`), Number(values.timeout) * 1000)
    /** @param {string} [failure] */
    const finish = (failure) => {
      clearTimeout(timer)
      resolve(failure)
      worker.terminate()
    }
    worker.on('message', ({ failure }) => finish(failure))
    worker.on('error', (error) => finish(`the worker failed: ${error?.message}`))
    worker.on('exit', () => finish('the worker ended early'))
  })
}

function report () {
  /** @type {Map<string, { passed: number, total: number }>} */
  const folders = new Map()
  for (const { name, apart, failure } of tests) {
    if (apart !== undefined) continue
    const folder = path.dirname(name)
    const row = folders.get(folder) ?? { passed: 0, total: 0 }
    row.total++
    if (failure === undefined) row.passed++
    folders.set(folder, row)
  }
  const width = Math.max(0, ...[...folders.keys()].map((folder) => folder.length))
  for (const [folder, { passed, total }] of folders) console.log(`${folder.padEnd(width)}  ${String(passed).padStart(5)} / ${total}`)

  const applicable = tests.filter((test) => test.apart === undefined)
  const failed = applicable.filter((test) => test.failure !== undefined)
  const passed = applicable.length - failed.length
  const rate = applicable.length === 0 ? '-' : `${(100 * passed / applicable.length).toFixed(2)} %`
  console.log(`\n${values.engine} on Node ${process.versions.node}: ${passed} of ${applicable.length} = ${rate}, in ${((Date.now() - start) / 1000).toFixed(0)} s`)

  const reasons = new Map()
  for (const { apart } of tests) if (apart !== undefined) reasons.set(apart, (reasons.get(apart) ?? 0) + 1)
  console.log(`set apart: ${[...reasons].map(([reason, count]) => `${count} ${reason}`).join(', ') || 'none'}`)
  if (values.list) {
    for (const { name, apart } of tests) if (apart !== undefined) console.log(`apart (${apart}): ${name}`)
    for (const { name, failure } of failed) console.log(`failed: ${name}: ${failure}`)
  }
  if (failed.length > 0) process.exitCode = 1
}
