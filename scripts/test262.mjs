// The tests of tc39/test262 that are about regular expressions, with SafeRegExp in RegExp's place.
//   node scripts/test262.mjs --dir CHECKOUT [--engine safe|native|PACKAGE] [--filter TEXT] [--jobs N] [--timeout SECONDS] [--list] [--json FILE]
//   node scripts/test262.mjs --markdown FILE...
//     --engine   `native` is the platform's own RegExp; any other name is a package of bench/node_modules (re2)
//     --filter   only tests whose path contains TEXT        --list      names every failure and every test that does not count
//     --json     what was found goes to FILE as well        --markdown  prints what is in such files as one table
// Each test has a worker, and so a realm, of its own; with a package a process, as its binary may never return, or end it. Literals in its text become constructions (scripts/test262/rewrite.mjs), in
// the strings of eval and Function too; a negative test passes if one of its literals cannot be constructed. Without `use strict`,
// but where the test asks for it. Tests that say nothing of the class (scripts/test262/select.mjs) are run as well, and reported apart.
// Exits with 1 if a test that counts fails.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { FOLDERS, markdown, percent, sum, summarize } from './test262/report.mjs'
import { literals, rewrite } from './test262/rewrite.mjs'
import { REASONS, classify, frontMatter } from './test262/select.mjs'

const { values, positionals } = parseArgs({
  options: {
    dir: { type: 'string' },
    engine: { type: 'string', default: 'safe' },
    filter: { type: 'string', default: '' },
    jobs: { type: 'string', default: String(os.availableParallelism()) },
    timeout: { type: 'string', default: '60' },
    list: { type: 'boolean', default: false },
    json: { type: 'string' },
    markdown: { type: 'boolean', default: false }
  },
  allowPositionals: true
})
if (values.markdown) {
  console.log(markdown(positionals.map((file) => JSON.parse(readFileSync(file, 'utf8'))), REASONS))
  process.exit()
}
if (values.dir === undefined || !existsSync(path.join(values.dir, 'harness', 'sta.js'))) {
  console.error('test262: --dir must name a checkout of https://github.com/tc39/test262')
  process.exit(2)
}
const checkout = values.dir
const WORKER = new URL('test262/worker.mjs', import.meta.url)

/** @typedef {import('./test262/report.mjs').Tested & { source: string, meta: import('./test262/select.mjs').Meta }} Test */

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
const queue = [...tests]
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
  const text = meta.flags.includes('onlyStrict') ? `'use strict';\n${source}` : source
  const { negative } = meta
  /** @type {import('./test262/worker.mjs').Data} */
  const data = { name, source: negative ? text : rewrite(text), includes, negative, patterns: negative ? literals(text) : [], engine: values.engine }
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish(`no end within ${values.timeout} s`), Number(values.timeout) * 1000)
    /** @param {string} [failure] */
    const finish = (failure) => {
      clearTimeout(timer)
      resolve(failure)
      stop()
    }
    const stop = ['safe', 'native'].includes(values.engine) ? inWorker(data, finish) : inProcess(data, finish)
  })
}

/** @typedef {(failure?: string) => void} Finish */

/** @param {unknown} workerData @param {Finish} finish @returns {() => void} stops it */
function inWorker (workerData, finish) {
  const worker = new Worker(WORKER, { workerData, stdout: true, stderr: true })
  worker.on('message', ({ failure }) => finish(failure))
  worker.on('error', (error) => finish(`the worker failed: ${error?.message}`))
  worker.on('exit', () => finish('the worker ended early'))
  return () => worker.terminate()
}

/** A worker whose binary never returns cannot be terminated. @param {unknown} data @param {Finish} finish @returns {() => void} stops it */
function inProcess (data, finish) {
  const child = spawn(process.execPath, [fileURLToPath(WORKER)], { stdio: ['pipe', 'pipe', 'ignore'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => { output += text })
  child.on('close', (code, signal) => finish(output === '' ? `the process ended with ${signal ?? code}` : JSON.parse(output).failure))
  child.stdin.on('error', () => {}).end(JSON.stringify(data))
  return () => child.kill('SIGKILL')
}

function report () {
  const result = summarize(tests)
  const width = Math.max(0, ...Object.keys(result.folders).map((folder) => folder.length))
  for (const [folder, { passed, total }] of Object.entries(result.folders)) console.log(`${folder.padEnd(width)}  ${String(passed).padStart(5)} / ${total}`)

  const counted = sum(result.folders)
  console.log(`\n${values.engine} on Node ${process.versions.node}: ${counted.passed} of ${counted.total} = ${percent(counted)}, in ${((Date.now() - start) / 1000).toFixed(0)} s`)
  for (const [reason, { passed, total }] of Object.entries(result.apart)) console.log(`not counted: ${passed} of ${total}: ${REASONS[/** @type {keyof typeof REASONS} */ (reason)]}`)
  if (values.list) {
    for (const { name, apart } of tests) if (apart !== undefined) console.log(`not counted (${apart}): ${name}`)
    for (const { name, apart, failure } of result.failures) console.log(`failed${apart === undefined ? '' : ` (${apart})`}: ${name}: ${failure}`)
  }
  if (values.json !== undefined) {
    const { node, unicode = 'none' } = process.versions
    /** @type {import('./test262/report.mjs').Run} */
    const run = { engine: values.engine, node, unicode, commit: commit(), ...result }
    writeFileSync(values.json, `${JSON.stringify(run, undefined, 1)}\n`)
  }
  if (counted.passed < counted.total) process.exitCode = 1
}

/** Of the checkout; `unknown` if it is no repository. */
function commit () {
  const { status, stdout } = spawnSync('git', ['-C', checkout, 'log', '-1', '--format=%h (%cs)'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : 'unknown'
}
