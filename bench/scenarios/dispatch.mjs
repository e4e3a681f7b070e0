// What it costs to hand one task over and get its result back.
import { openPool, poolNames } from '../lib/pools.mjs'
import { interleave } from '../lib/rounds.mjs'
import { median, medians, p25, quantile } from '../lib/stats.mjs'
import { native, timed } from '../lib/native.mjs'
import { sidelane } from '../lib/sidelane.mjs'
import { times } from '../lib/table.mjs'
import { watchLoad } from '../lib/load.mjs'

export const title = 'main-thread CPU and latency of the smallest task'
export const about = 'Sidelane hashes one byte (crc32, inline: false); raw AsyncTask and the pools do nothing at all; crypto.subtle hashes one byte. ' +
  'A closed loop of 256 or 1 tasks in flight, all contenders in one process, interleaved.'

/** @typedef {{ name: string, submit: () => PromiseLike<unknown>, only?: number }} Dispatcher */

/** @param {import('../lib/types.js').Context} context */
export async function run (context) {
  const pools = await Promise.all(poolNames.map(openPool))
  /** @type {Dispatcher[]} */
  const contenders = [...ours(), ...peers(), ...pools.map((pool) => ({ name: pool.name, submit: pool.noop }))]
  /** @type {import('../lib/types.js').Figures} */
  const figures = {}
  const tables = []
  for (const inFlight of [256, 1]) {
    const some = contenders.filter((contender) => (contender.only ?? inFlight) === inFlight)
    tables.push(await compare(some, inFlight, context, figures))
  }
  await Promise.all(pools.map((pool) => pool.close()))
  return { tables, figures }
}

/** @returns {Dispatcher[]} */
function ours () {
  const { hash } = sidelane
  const byte = Buffer.from([97])
  const plain = { inline: false }
  const { signal } = new AbortController()
  const shared = { inline: false, signal }
  const timeout = { inline: false, timeout: 60_000 }
  const priorities = /** @type {const} */ (['high', 'normal', 'low']).map((priority) => ({ inline: false, priority }))
  const everything = priorities.map((options) => ({ ...options, ...shared, ...timeout }))
  let turn = 0
  return [
    { name: 'sidelane', submit: () => hash('crc32', byte, plain) },
    { name: 'sidelane, timeout', only: 256, submit: () => hash('crc32', byte, timeout) },
    { name: 'sidelane, mixed priorities', only: 256, submit: () => hash('crc32', byte, priorities[turn++ % 3]) },
    { name: 'sidelane, one signal for all', only: 256, submit: () => hash('crc32', byte, shared) },
    { name: 'sidelane, a signal each', only: 256, submit: () => hash('crc32', byte, { inline: false, signal: new AbortController().signal }) },
    { name: 'sidelane, all of these', only: 256, submit: () => hash('crc32', byte, everything[turn++ % 3]) }
  ]
}

/** @returns {Dispatcher[]} */
function peers () {
  const byte = Buffer.from([97])
  return [
    { name: 'raw AsyncTask', submit: native.noop },
    { name: 'crypto.subtle', submit: () => crypto.subtle.digest('SHA-256', byte) },
    // What the loop of this harness costs by itself; contained in every other row.
    { name: '(harness alone)', only: 256, submit: () => RESOLVED }
  ]
}

const RESOLVED = Promise.resolve()

/**
 * @param {Dispatcher[]} contenders
 * @param {number} inFlight
 * @param {import('../lib/types.js').Context} context
 * @param {import('../lib/types.js').Figures} figures
 */
async function compare (contenders, inFlight, context, figures) {
  const cellMs = context.pick(250, 60)
  const stop = watchLoad()
  /** @type {Map<Dispatcher, number>} */
  const counts = new Map()
  const samples = await interleave(contenders, context.pick(11, 3), async (contender, round) => {
    if (round < 0) counts.set(contender, await calibrate(contender, inFlight, cellMs))
    return measure(contender.submit, counts.get(contender) ?? 0, inFlight)
  }, { progress: (text) => context.progress(`${inFlight} in flight, ${text}`) })

  const base = median(of(samples.get(contenders[0]), 'mainUs'))
  const rows = contenders.map((contender) => {
    const all = samples.get(contender) ?? []
    const middle = medians(all)
    for (const [name, value] of Object.entries(middle)) figures[`${inFlight}.${contender.name}.${name}`] = value
    return [contender.name, middle.mainUs, p25(of(all, 'mainUs')), times(middle.mainUs / base), middle.allUs, Math.round(middle.perSecond), middle.p50Us, middle.p99Us]
  })
  return {
    title: `${inFlight} in flight`,
    note: `Medians of ${samples.get(contenders[0])?.length} rounds. "x sidelane": main-thread CPU relative to the first row.`,
    columns: ['', 'main us/task', 'p25', 'x sidelane', 'process us/task', 'tasks/s', 'latency p50 us', 'p99 us'],
    rows,
    load: stop()
  }
}

/**
 * @template {string} K
 * @param {Record<K, number>[] | undefined} samples
 * @param {K} name
 */
const of = (samples, name) => (samples ?? []).map((sample) => sample[name])

/** Tasks that fill a cell of `cellMs`. @param {Dispatcher} contender @param {number} inFlight @param {number} cellMs */
async function calibrate (contender, inFlight, cellMs) {
  const trial = Math.max(inFlight * 8, 500)
  await measure(contender.submit, trial, inFlight)
  const { perSecond } = await measure(contender.submit, trial, inFlight)
  return Math.min(500_000, Math.max(trial, Math.round(perSecond * cellMs / 1e3)))
}

/**
 * @param {() => PromiseLike<unknown>} submit
 * @param {number} count
 * @param {number} inFlight
 */
async function measure (submit, count, inFlight) {
  let left = count
  /** @type {number[]} */
  const latencies = []
  async function chain () {
    while (left-- > 0) await submit()
  }
  // One chain of all is timed: a clock around every task would be a tenth of what a task costs.
  async function timedChain () {
    while (left-- > 0) {
      const begin = performance.now()
      await submit()
      latencies.push(performance.now() - begin)
    }
  }
  const { mainMs, allMs, wallMs } = await timed(() => Promise.all([timedChain(), ...Array.from({ length: inFlight - 1 }, chain)]))
  return {
    mainUs: mainMs * 1e3 / count,
    allUs: allMs * 1e3 / count,
    perSecond: count / wallMs * 1e3,
    p50Us: quantile(latencies, 0.5) * 1e3,
    p99Us: quantile(latencies, 0.99) * 1e3
  }
}

/** @type {import('../lib/types.js').Check[]} */
export const checks = [
  {
    issue: 2, line: 1, what: 'smallest task, 256 in flight: main-thread CPU', unit: 'us', limit: 1.2, sense: 'at most',
    measured: (f) => f['256.sidelane.mainUs']
  },
  {
    issue: 2, line: 1.1, what: '  relative to a raw AsyncTask no-op', unit: 'x', limit: 0.65, sense: 'at most',
    measured: (f) => f['256.sidelane.mainUs'] / f['256.raw AsyncTask.mainUs']
  },
  {
    issue: 2, line: 1.2, what: '  relative to piscina', unit: 'x', limit: 0.1, sense: 'at most',
    measured: (f) => f['256.sidelane.mainUs'] / f['256.piscina.mainUs']
  },
  {
    issue: 2, line: 2, what: '1 in flight: latency p50 relative to a raw AsyncTask', unit: 'x', limit: 1.15, sense: 'at most',
    measured: (f) => f['1.sidelane.p50Us'] / f['1.raw AsyncTask.p50Us']
  }
]
