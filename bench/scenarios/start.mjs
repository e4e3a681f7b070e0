// What require('sidelane') costs a process that may never use it.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { watchLoad } from '../lib/load.mjs'
import { interleave } from '../lib/rounds.mjs'
import { sidelaneBinary } from '../lib/setup.mjs'
import { medians, p25 } from '../lib/stats.mjs'

export const title = 'require, threads, size'
export const about = 'Fresh processes: the time of the first require (or import), the threads that exist before and after (Linux), those of libuv\'s pool among them, and the RSS it adds.'

const exec = promisify(execFile)
const bench = path.dirname(import.meta.dirname)

/** @param {string} specifier */
const required = (specifier) => `require(${JSON.stringify(specifier)})`

/** Modules of Sidelane are loaded when a name is first read: so the usual ones, and all of them, are measured too. @type {{ name: string, load: string }[]} */
const CONTENDERS = [
  { name: 'sidelane', load: required('..') },
  { name: 'sidelane, hash and Lane', load: `const { hash, Lane } = ${required('..')}` },
  { name: 'sidelane, by import: all names', load: 'await import(\'../index.mjs\')' },
  ...['node:crypto', 'piscina', 'tinypool', 'workerpool', 'hash-wasm', '@node-rs/xxhash'].map((name) => ({ name, load: required(name) }))
]

/** Runs in the fresh process, which has nothing else loaded. @param {string} load */
const probe = (load) => `(async () => {
  const fs = require('node:fs')
  // Names of the threads; synchronous calls do not start libuv's pool.
  const threads = () => process.platform === 'linux' ? fs.readdirSync('/proc/self/task').map((id) => fs.readFileSync('/proc/self/task/' + id + '/comm', 'latin1').trim()) : []
  const before = threads()
  const rss = process.memoryUsage.rss()
  const begin = performance.now()
  ${load}
  const requireMs = performance.now() - begin
  const rssMiB = (process.memoryUsage.rss() - rss) / 1048576
  const after = threads()
  const pool = after.filter((name) => name.startsWith('libuv-worker')).length
  console.log(JSON.stringify({ requireMs, rssMiB, threads: after.length - before.length, pool }))
})()`

/** @param {import('../lib/types.js').Context} context */
export async function run (context) {
  const stop = watchLoad()
  const samples = await interleave(CONTENDERS, context.pick(31, 7), async ({ load }) => {
    const { stdout } = await exec(process.execPath, ['-e', probe(load)], { cwd: bench })
    return /** @type {Record<'requireMs' | 'rssMiB' | 'threads' | 'pool', number>} */ (JSON.parse(stdout))
  }, { progress: context.progress })
  /** @type {import('../lib/types.js').Figures} */
  const figures = {}
  const rows = CONTENDERS.map((contender) => {
    const all = samples.get(contender) ?? []
    const middle = medians(all)
    for (const [name, value] of Object.entries(middle)) figures[`${contender.name}.${name}`] = value
    return [contender.name, middle.requireMs, p25(all.map((sample) => sample.requireMs)), middle.threads, middle.pool, middle.rssMiB]
  })
  const binary = binaryTable(figures)
  return {
    tables: [
      { title: 'require in a fresh process', columns: ['', 'ms, median', 'p25', 'threads started', 'libuv pool threads', 'RSS MiB'], rows, load: stop() },
      binary
    ],
    figures
  }
}

/** @param {import('../lib/types.js').Figures} figures */
function binaryTable (figures) {
  const bytes = readFileSync(sidelaneBinary())
  const stripped = isStripped(bytes)
  figures['binary.MiB'] = bytes.length / 1048576
  figures['binary.strippedMB'] = stripped ? bytes.length / 1e6 : NaN
  return {
    title: 'the binary',
    columns: ['', 'MB', 'symbols'],
    rows: [[path.basename(sidelaneBinary()), bytes.length / 1e6, stripped ? 'stripped' : 'not stripped']]
  }
}

/** Whether a 64-bit ELF file has no symbol table (other formats: taken as stripped). @param {Buffer} bytes */
function isStripped (bytes) {
  if (bytes.readUInt32BE(0) !== 0x7f454c46) return true
  const table = Number(bytes.readBigUInt64LE(0x28))
  const size = bytes.readUInt16LE(0x3a)
  const count = bytes.readUInt16LE(0x3c)
  const SHT_SYMTAB = 2
  return !Array.from({ length: count }, (_, i) => bytes.readUInt32LE(table + i * size + 4)).includes(SHT_SYMTAB)
}

/** @type {import('../lib/types.js').Check[]} */
export const checks = [
  {
    issue: 2, line: 12, what: 'require(\'sidelane\')', unit: 'ms', limit: 10, sense: 'at most',
    measured: (f) => f['sidelane.requireMs']
  },
  {
    issue: 2, line: 12.1, what: '  threads started', unit: '', limit: 0, sense: 'at most',
    measured: (f) => (process.platform === 'linux' ? f['sidelane.threads'] : NaN)
  },
  {
    issue: 2, line: 12.2, what: '  threads of libuv\'s pool in use', unit: '', limit: 0, sense: 'at most',
    measured: (f) => (process.platform === 'linux' ? f['sidelane.pool'] : NaN)
  },
  {
    issue: 2, line: 13, what: 'stripped binary', unit: 'MB', limit: 2, sense: 'at most',
    measured: (f) => f['binary.strippedMB']
  }
]
