// Digests of one input, by size: on the calling thread, and off it.
import crypto from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import zlib from 'node:zlib'
import { crc32 as nodeRsCrc32 } from '@node-rs/crc32'
import { xxh3 as nodeRsXxh3 } from '@node-rs/xxhash'
import { createBLAKE3, createSHA256, createXXHash3 } from 'hash-wasm'
import { canPin, fresh } from '../lib/fresh.mjs'
import { KiB, MiB, ownCopy, randomBytes, randomStrings, sizeName } from '../lib/inputs.mjs'
import { watchLoad } from '../lib/load.mjs'
import { native, timed } from '../lib/native.mjs'
import { openPool } from '../lib/pools.mjs'
import { interleave } from '../lib/rounds.mjs'
import { sidelane } from '../lib/sidelane.mjs'
import { median, medians } from '../lib/stats.mjs'
import { nsPerCall, repeatsFor } from '../lib/sync.mjs'
import { figure, times } from '../lib/table.mjs'

const { hash, hashSync } = sidelane

export const title = 'one digest, 64 B to 64 MiB'
export const about = 'Synchronous calls by CPU time of the calling thread (nanoseconds up to 8 KiB, GB/s above). Asynchronous calls by main-thread CPU, ' +
  'CPU of the whole process, and wall. Contenders interleaved in one process; medians.'

const SIZES = [64, KiB, 8 * KiB, 64 * KiB, MiB, 16 * MiB, 64 * MiB]

/** @typedef {{ name: string, call: (data: Buffer) => unknown, most?: number }} Digester */

/** @param {import('../lib/types.js').Context} context */
export async function run (context) {
  /** @type {import('../lib/types.js').Figures} */
  const figures = {}
  const wasm = { sha256: await createSHA256(), blake3: await createBLAKE3(), xxh3: await createXXHash3() }
  const tables = [
    await short(context, figures),
    await bySize('sha256', [
      { name: 'sidelane hashSync', call: (data) => hashSync('sha256', data) },
      { name: 'crypto.hash', call: (data) => crypto.hash('sha256', data) },
      { name: 'crypto.createHash', call: (data) => crypto.createHash('sha256').update(data).digest('hex') },
      { name: 'hash-wasm', most: MiB, call: (data) => wasm.sha256.init().update(data).digest() }
    ], context, figures),
    await bySize('blake3', [
      { name: 'sidelane hashSync', call: (data) => hashSync('blake3', data) },
      { name: 'hash-wasm', most: 16 * MiB, call: (data) => wasm.blake3.init().update(data).digest() }
    ], context, figures),
    await bySize('xxh3-64', [
      { name: 'sidelane hashSync', call: (data) => hashSync('xxh3-64', data) },
      { name: '@node-rs/xxhash', call: (data) => nodeRsXxh3.xxh64(data) },
      { name: 'hash-wasm', call: (data) => wasm.xxh3.init().update(data).digest() }
    ], context, figures),
    await bySize('crc32', [
      { name: 'sidelane hashSync', call: (data) => hashSync('crc32', data) },
      { name: '@node-rs/crc32', call: (data) => nodeRsCrc32(data) },
      { name: 'zlib.crc32', call: (data) => zlib.crc32(data) }
    ], context, figures),
    await offLoop(context, figures),
    ...await blake3(context, figures)
  ]
  return { tables, figures }
}

/**
 * A short string: what most calls of a server hash.
 * @param {import('../lib/types.js').Context} context
 * @param {import('../lib/types.js').Figures} figures
 */
async function short (context, figures) {
  const stop = watchLoad()
  const strings = randomStrings(1024, 64)
  let turn = 0
  const next = () => strings[turn++ & 1023]
  const contenders = [
    { name: 'sidelane hashSync', call: () => hashSync('sha256', next()) },
    { name: 'crypto.hash', call: () => crypto.hash('sha256', next()) },
    { name: 'crypto.createHash', call: () => crypto.createHash('sha256').update(next()).digest('hex') }
  ]
  const repeats = context.pick(200_000, 20_000)
  const samples = await interleave(contenders, context.pick(21, 5), ({ call }) => nsPerCall(call, repeats), { progress: context.progress })
  const values = contenders.map((contender) => median(samples.get(contender) ?? []))
  contenders.forEach(({ name }, i) => { figures[`string64.${name}.ns`] = values[i] })
  return {
    title: 'sha256 hex of a 64 B string',
    columns: ['', 'ns per call', 'x sidelane'],
    rows: contenders.map(({ name }, i) => [name, values[i], times(values[i] / values[0])]),
    load: stop()
  }
}

/**
 * @param {string} algorithm
 * @param {Digester[]} digesters
 * @param {import('../lib/types.js').Context} context
 * @param {import('../lib/types.js').Figures} figures
 */
async function bySize (algorithm, digesters, context, figures) {
  const stop = watchLoad()
  const sizes = context.quick ? SIZES.filter((size) => size <= 16 * MiB) : SIZES
  /** @type {number[][]} */
  const ns = digesters.map(() => [])
  for (const size of sizes) {
    const data = randomBytes(size)
    const contenders = digesters.filter(({ most = Infinity }) => size <= most).map(({ name, call }) => {
      const once = () => call(data)
      return { name, once, repeats: repeatsFor(once, context.pick(20, 5)) }
    })
    const samples = await interleave(contenders, context.pick(11, 3), ({ once, repeats }) => nsPerCall(once, repeats), {
      progress: (text) => context.progress(`${algorithm} ${sizeName(size)}, ${text}`)
    })
    digesters.forEach(({ name }, i) => {
      const contender = contenders.find((one) => one.name === name)
      const value = contender ? median(samples.get(contender) ?? []) : NaN
      ns[i].push(value)
      figures[`${algorithm}.${sizeName(size)}.${name}.ns`] = value
    })
  }
  const speed = (/** @type {number} */ value, /** @type {number} */ size) => (size <= 8 * KiB ? value : size / value)
  return {
    title: `${algorithm} of a Buffer, by size`,
    note: 'In brackets: how many times the time of Sidelane (less than 1: faster).',
    columns: ['', ...sizes.map((size) => `${sizeName(size)} ${size <= 8 * KiB ? 'ns' : 'GB/s'}`)],
    rows: digesters.map(({ name }, i) => [name, ...sizes.map((size, j) => {
      const value = ns[i][j]
      if (Number.isNaN(value)) return null
      return i === 0 ? figure(speed(value, size)) : `${figure(speed(value, size))} (${times(value / ns[0][j])})`
    })]),
    load: stop()
  }
}

/**
 * One large sha256 at a time, off the loop.
 * @param {import('../lib/types.js').Context} context
 * @param {import('../lib/types.js').Figures} figures
 */
async function offLoop (context, figures) {
  const stop = watchLoad()
  const piscina = await openPool('piscina')
  const size = 16 * MiB
  const data = randomBytes(size)
  /** @type {{ name: string, consumes?: boolean, call: (data: Uint8Array) => unknown }[]} */
  const contenders = [
    { name: 'sidelane hash, transfer', consumes: true, call: (own) => hash('sha256', own, { transfer: true }) },
    { name: 'sidelane hash, copy', call: (data) => hash('sha256', data) },
    { name: 'raw AsyncTask (borrows, unsafe)', call: (data) => native.sha256(data) },
    { name: 'piscina (clone)', call: (data) => piscina.sha256(data) },
    { name: 'crypto.subtle', call: (data) => crypto.subtle.digest('SHA-256', /** @type {Uint8Array<ArrayBuffer>} */ (data)) },
    { name: 'crypto.hash (inline)', call: (data) => crypto.hash('sha256', data) }
  ]
  const samples = await interleave(contenders, context.pick(15, 3), async ({ call, consumes }) => {
    // A transfer consumes its input: a new one each time, made outside the clock.
    const input = consumes ? ownCopy(data) : data
    // What the collection of garbage, also outside the clock, has left to be done on the loop.
    await turn()
    return timed(async () => {
      await call(input)
      // crypto.subtle frees its copy only after its promise has resolved: a millisecond of the loop that is its own.
      await turn()
    })
  }, { progress: (text) => context.progress(`off the loop, ${text}`) })
  await piscina.close()
  const values = contenders.map((contender) => medians(samples.get(contender) ?? []))
  contenders.forEach(({ name }, i) => { figures[`async.${name}.mainMs`] = values[i].mainMs })
  return {
    title: 'sha256 of 16 MiB, off the loop',
    note: 'Main-thread CPU is the time in which the loop can do nothing else.',
    columns: ['', 'main ms', 'x transfer', 'process ms', 'wall ms'],
    rows: contenders.map(({ name }, i) => [name, values[i].mainMs, times(values[i].mainMs / values[0].mainMs), values[i].allMs, values[i].wallMs]),
    load: stop()
  }
}

/**
 * blake3 against what Node has for 64 MiB, on one core and on all.
 * @param {import('../lib/types.js').Context} context
 * @param {import('../lib/types.js').Figures} figures
 */
async function blake3 (context, figures) {
  const tables = []
  for (const cores of canPin ? ['one', 'all'] : ['all']) {
    context.progress(`blake3, ${cores} core(s)`)
    const stop = watchLoad()
    /** @type {(import('../lib/types.js').Timing & { name: string })[]} */
    const rows = await fresh('hash-large.mjs', { rounds: context.pick(15, 3) }, { oneCore: cores === 'one' })
    for (const { name, ...timing } of rows) {
      for (const [clock, ms] of Object.entries(timing)) figures[`large.${cores}.${name}.${clock}`] = ms
    }
    tables.push({
      title: `blake3 of 64 MiB against sha256 of node:crypto, ${cores === 'one' ? 'one core' : 'all cores'}`,
      note: '"faster": how many times as fast as the first row, by CPU of all threads and by wall.',
      columns: ['', 'process ms', 'faster', 'wall ms', 'faster', 'main ms'],
      rows: rows.map(({ name, allMs, wallMs, mainMs }) => [name, allMs, times(rows[0].allMs / allMs), wallMs, times(rows[0].wallMs / wallMs), mainMs]),
      load: stop()
    })
  }
  return tables
}

/** @param {import('../lib/types.js').Figures} f */
function worstSha256 (f) {
  const sizes = SIZES.filter((size) => size >= 64 * KiB).map(sizeName).filter((size) => `sha256.${size}.crypto.hash.ns` in f)
  return Math.min(...sizes.map((size) => f[`sha256.${size}.crypto.hash.ns`] / f[`sha256.${size}.sidelane hashSync.ns`]))
}

/** @param {import('../lib/types.js').Figures} f @param {string} cores @param {string} clock */
const blake3Speed = (f, cores, clock) => f[`large.${cores}.crypto.hash sha256.${clock}`] / f[`large.${cores}.sidelane hash blake3, transfer.${clock}`]

/** @type {import('../lib/types.js').Check[]} */
export const checks = [
  {
    issue: 2, line: 3, what: 'sha256 of 16 MiB: main-thread CPU, transfer', unit: 'ms', limit: 0.3, sense: 'at most',
    measured: (f) => f['async.sidelane hash, transfer.mainMs']
  },
  {
    issue: 2, line: 3.1, what: '  copy', unit: 'ms', limit: 3, sense: 'at most',
    measured: (f) => f['async.sidelane hash, copy.mainMs']
  },
  {
    issue: 2, line: 7, what: 'one-shot sha256, 64 KiB and up: speed of node:crypto, worst size', unit: 'x', limit: 0.97, sense: 'at least',
    measured: worstSha256
  },
  {
    issue: 2, line: 7.1, what: '  blake3 64 MiB against node sha256, one core', unit: 'x', limit: 2.4, sense: 'at least',
    measured: (f) => blake3Speed(f, canPin ? 'one' : 'all', 'allMs')
  },
  {
    issue: 2, line: 7.2, what: '  blake3 64 MiB against node sha256, all cores (wall)', unit: 'x', limit: 4, sense: 'at least',
    measured: (f) => blake3Speed(f, 'all', 'wallMs')
  },
  {
    issue: 2, line: 9, what: 'hashSync sha256 hex of a 64 B string: speed of crypto.hash', unit: 'x', limit: 1.1, sense: 'at least',
    measured: (f) => f['string64.crypto.hash.ns'] / f['string64.sidelane hashSync.ns']
  },
  {
    issue: 2, line: 11, what: 'xxh3-64 of 1 MiB', unit: 'GB/s', limit: 20, sense: 'at least',
    measured: (f) => MiB / f['xxh3-64.1 MiB.sidelane hashSync.ns']
  },
  {
    issue: 2, line: 11.1, what: 'crc32 of 1 MiB', unit: 'GB/s', limit: 20, sense: 'at least',
    measured: (f) => MiB / f['crc32.1 MiB.sidelane hashSync.ns']
  }
]
