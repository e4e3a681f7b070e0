// Digests of many small inputs in one call.
import crypto from 'node:crypto'
import { KiB, randomBytes, randomStrings } from '../lib/inputs.mjs'
import { watchLoad } from '../lib/load.mjs'
import { timed } from '../lib/native.mjs'
import { interleave } from '../lib/rounds.mjs'
import { sidelane } from '../lib/sidelane.mjs'
import { medians } from '../lib/stats.mjs'
import { times } from '../lib/table.mjs'

const { hashMany } = sidelane

export const title = 'sha256 of 10,000 messages in one call'
export const about = 'hashMany against a loop over crypto.hash (hex). The ratio of process CPU is the gain on one core; the ratio of wall counts all cores; ' +
  'main-thread CPU is what the loop pays. The views that the peers loop over are made outside the clock.'

const COUNT = 10_000

/** @param {import('../lib/types.js').Context} context */
export async function run (context) {
  /** @type {import('../lib/types.js').Figures} */
  const figures = {}
  const tables = [
    await strings(context, figures),
    await packed(64, context, figures),
    await packed(KiB, context, figures)
  ]
  return { tables, figures }
}

/**
 * @param {import('../lib/types.js').Context} context
 * @param {import('../lib/types.js').Figures} figures
 */
function strings (context, figures) {
  const items = randomStrings(COUNT, 64)
  const buffers = items.map((item) => Buffer.from(item))
  return compare('strings', '10,000 strings of 64 B', [
    { name: 'crypto.hash loop', call: () => items.map((item) => crypto.hash('sha256', item)) },
    { name: 'hashMany, strings -> hex', call: () => hashMany('sha256', items) },
    { name: 'hashMany, strings -> packed', call: () => hashMany('sha256', items, { encoding: 'packed' }) },
    { name: 'hashMany, Buffers -> hex', call: () => hashMany('sha256', buffers) },
    { name: 'crypto.createHash loop', call: () => items.map((item) => crypto.createHash('sha256').update(item).digest('hex')) }
  ], context, figures)
}

/**
 * @param {number} size
 * @param {import('../lib/types.js').Context} context
 * @param {import('../lib/types.js').Figures} figures
 */
function packed (size, context, figures) {
  const data = randomBytes(COUNT * size)
  const offsets = Uint32Array.from({ length: COUNT + 1 }, (_, i) => i * size)
  const views = Array.from({ length: COUNT }, (_, i) => data.subarray(i * size, (i + 1) * size))
  return compare(`packed${size}`, `10,000 messages of ${size} B in one buffer`, [
    { name: 'crypto.hash loop', call: () => views.map((view) => crypto.hash('sha256', view)) },
    { name: 'hashMany, packed -> packed', call: () => hashMany('sha256', { data, offsets }, { encoding: 'packed' }) },
    { name: 'hashMany, packed -> hex', call: () => hashMany('sha256', { data, offsets }) }
  ], context, figures)
}

/**
 * @param {string} key
 * @param {string} title
 * @param {{ name: string, call: () => unknown }[]} contenders the first is what the others are compared with
 * @param {import('../lib/types.js').Context} context
 * @param {import('../lib/types.js').Figures} figures
 */
async function compare (key, title, contenders, context, figures) {
  const stop = watchLoad()
  const repeats = 5
  const samples = await interleave(contenders, context.pick(21, 5), async ({ call }) => {
    const { mainMs, allMs, wallMs } = await timed(async () => {
      for (let i = 0; i < repeats; i++) await call()
    })
    return { mainMs: mainMs / repeats, allMs: allMs / repeats, wallMs: wallMs / repeats }
  }, { progress: (text) => context.progress(`${key}, ${text}`) })
  const values = contenders.map((contender) => medians(samples.get(contender) ?? []))
  const perMessage = (/** @type {number} */ ms) => ms * 1e6 / COUNT
  contenders.forEach(({ name }, i) => {
    for (const [clock, ms] of Object.entries(values[i])) figures[`${key}.${name}.${clock}`] = ms
  })
  return {
    title,
    note: 'Nanoseconds per message. "faster": how many times as fast as the first row, by that clock.',
    columns: ['', 'process ns', 'faster', 'wall ns', 'faster', 'main ns', 'faster'],
    rows: contenders.map(({ name }, i) => [name, ...(/** @type {const} */ (['allMs', 'wallMs', 'mainMs'])).flatMap((clock) => [
      perMessage(values[i][clock]), times(values[0][clock] / values[i][clock])
    ])]),
    load: stop()
  }
}

/** @type {import('../lib/types.js').Check[]} */
export const checks = [
  {
    issue: 2, line: 8, what: 'hashMany sha256, 10,000 strings of 64 B: speed of a crypto.hash loop (by CPU)', unit: 'x', limit: 2, sense: 'at least',
    measured: (f) => f['strings.crypto.hash loop.allMs'] / f['strings.hashMany, strings -> hex.allMs']
  },
  {
    issue: 2, line: 8.1, what: '  packed 64 B', unit: 'x', limit: 5, sense: 'at least',
    measured: (f) => f['packed64.crypto.hash loop.allMs'] / f['packed64.hashMany, packed -> packed.allMs']
  },
  {
    issue: 2, line: 8.2, what: '  packed 1 KiB', unit: 'x', limit: 1.9, sense: 'at least',
    measured: (f) => f['packed1024.crypto.hash loop.allMs'] / f['packed1024.hashMany, packed -> packed.allMs']
  }
]
