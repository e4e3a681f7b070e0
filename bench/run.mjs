// npm run bench [-- SCENARIO... --quick --node MAJOR]
// Runs the scenarios of bench/scenarios/, each in a process of its own, and prints what the issues' tables ask for.
import { fork, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { nodeBinary } from '../scripts/nodes.mjs'
import { buildRe2 } from './lib/re2.mjs'
import { isStale, prepare } from './lib/setup.mjs'

/** The Node of the published figures. */
const NODE = 24

/** In this order when all run: the longest last. Files not named here follow by name. */
const ORDER = ['start', 'dispatch', 'hash', 'hash-many', 'hash-file', 'cancel', 'memory', 'starvation', 'express']

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, node: { type: 'string' }, help: { type: 'boolean', short: 'h' } }
})

/** @param {string} name */
const rank = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length)
const all = readdirSync(new URL('scenarios/', import.meta.url))
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => file.slice(0, -'.mjs'.length))
  .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))

// `hash` takes hash-many and hash-file along.
const unknown = positionals.filter((word) => !all.some((name) => name === word || name.startsWith(`${word}-`)))
const chosen = positionals.length === 0 ? all : all.filter((name) => positionals.some((word) => name === word || name.startsWith(`${word}-`)))

if (values.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`Unknown scenario: ${unknown.join(', ')}`)
  console.log(`npm run bench [-- SCENARIO... --quick --node MAJOR]\nScenarios: ${all.join(' ')}`)
  process.exit(unknown.length > 0 ? 2 : 0)
}

prepare()
const node = await nodeBinary(Number(values.node ?? NODE))
if (node !== process.execPath) {
  const again = spawnSync(node, process.argv.slice(1), { stdio: 'inherit' })
  process.exit(again.status ?? 1)
}
if (chosen.includes('regexp')) buildRe2(node)

// Only now: these need what prepare() installed.
const { describeMachine } = await import('./lib/machine.mjs')
const { machineLines, printChecks, printScenario, save, styles } = await import('./lib/report.mjs')

const machine = describeMachine()
for (const line of machineLines(machine)) console.log(line)
if (isStale()) console.log(styles.bad('The binary of Sidelane is older than its sources: run `npm run build` first.'))

const quick = values.quick ?? false
/** @type {import('./lib/types.js').ScenarioReport[]} */
const reports = []
/** @type {string[]} */
const failed = []
for (const name of chosen) {
  try {
    const report = await runScenario(name)
    reports.push(report)
    printScenario(report)
  } catch (error) {
    failed.push(name)
    console.error(styles.bad(`\n${name} failed: ${/** @type {Error} */ (error).message}`))
  }
}

if (reports.length > 0) {
  printChecks(reports, quick)
  console.log(`Saved ${save(positionals.length === 0 ? 'full' : positionals.join('+'), machine, reports, quick)} (and .json)`)
}
if (failed.length > 0) {
  console.error(styles.bad(`Failed: ${failed.join(', ')}`))
  process.exitCode = 1
}

/**
 * @param {string} name
 * @returns {Promise<import('./lib/types.js').ScenarioReport>}
 */
function runScenario (name) {
  // The environment of a plain server: libuv's default pool, no options from outside.
  const { UV_THREADPOOL_SIZE, NODE_OPTIONS, ...env } = process.env
  const child = fork(fileURLToPath(new URL('lib/scenario-process.mjs', import.meta.url)), [name, String(quick)], { execArgv: ['--expose-gc'], serialization: 'advanced', env })
  return new Promise((resolve, reject) => {
    /** @type {import('./lib/types.js').ScenarioReport | undefined} */
    let report
    child.on('message', (/** @type {any} */ message) => {
      if (message.progress !== undefined) showProgress(`${name}: ${message.progress}`)
      else report = message.report
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      showProgress('')
      if (report) resolve(report)
      else reject(new Error(`its process ended with ${signal ?? `code ${code}`}`))
    })
  })
}

/** One line that overwrites itself; nothing where the output is not a terminal. @param {string} text */
function showProgress (text) {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[2K${text}`)
}
