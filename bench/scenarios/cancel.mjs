// How fast work stops when told.
import { fresh } from '../lib/fresh.mjs'
import { GiB, MiB, sizeName } from '../lib/inputs.mjs'
import { watchLoad } from '../lib/load.mjs'
import { interleave } from '../lib/rounds.mjs'
import { withFile } from '../lib/scratch.mjs'
import { medians } from '../lib/stats.mjs'

export const title = 'abort of many tasks, and of a long one'
export const about = 'Tasks of 32 KiB are queued behind long ones that hold every slot; then all are aborted at once. And one long hash is aborted while it runs.'

/** @param {import('../lib/types.js').Context} context */
export async function run (context) {
  /** @type {import('../lib/types.js').Figures} */
  const figures = {}
  return { tables: [await many(context, figures), await running(context, figures)], figures }
}

/**
 * @param {import('../lib/types.js').Context} context
 * @param {import('../lib/types.js').Figures} figures
 */
async function many (context, figures) {
  const stop = watchLoad()
  const tasks = 10_000
  const contenders = ['one signal', 'a signal each'].map((name) => ({ name }))
  const samples = await withFile(256 * MiB, (file) => interleave(contenders, context.pick(7, 2), ({ name }) => {
    return fresh('cancel-many.mjs', { own: name === 'a signal each', tasks, file })
  }, { warmup: false, progress: context.progress }))
  const rows = contenders.map((contender) => {
    const middle = medians(samples.get(contender) ?? [])
    for (const [name, value] of Object.entries(middle)) figures[`many.${contender.name}.${name}`] = value
    return [contender.name, middle.abortMs, middle.settledMs, middle.mainMs, middle.idleMs, middle.baseMiB, middle.riseMiB, middle.restMiB]
  })
  return {
    title: '10,000 running and queued tasks aborted at once',
    note: 'From the first abort() until abort() returned, until all promises had settled (and the main thread\'s CPU so far), and until the lane was idle. RSS: before, its rise with the queue full, and what is left of the rise afterwards.',
    columns: ['', 'abort() ms', 'all settled ms', 'main CPU ms', 'lane idle ms', 'RSS before MiB', 'rise MiB', 'left MiB'],
    rows,
    load: stop()
  }
}

/**
 * @param {import('../lib/types.js').Context} context
 * @param {import('../lib/types.js').Figures} figures
 */
async function running (context, figures) {
  const stop = watchLoad()
  const size = context.pick(GiB, 256 * MiB)
  const contenders = ['sha256', 'blake3', 'sha3-512'].map((name) => ({ name }))
  const samples = await interleave(contenders, 1, ({ name }) => fresh('cancel-running.mjs', { algorithm: name, size, rounds: context.pick(9, 3) }), {
    warmup: false, progress: context.progress
  })
  const rows = contenders.map((contender) => {
    const [result] = samples.get(contender) ?? []
    for (const [name, value] of Object.entries(result)) figures[`running.${contender.name}.${name}`] = value
    return [contender.name, result.wholeMs, result.rejectedMs, result.freeMs, result.worstMs, result.ended]
  })
  return {
    title: `abort of a running hash of ${sizeName(size)}`,
    note: 'Medians: from abort() until the promise had rejected, and until lane.stats().running was 0. "whole": the same hash left alone. "ended": rounds that ended before the abort.',
    columns: ['', 'whole ms', 'rejected ms', 'slot free ms', 'worst ms', 'ended'],
    rows,
    load: stop()
  }
}

/** @type {import('../lib/types.js').Check[]} */
export const checks = [
  {
    issue: 2, line: 6, what: '10,000 running and queued tasks aborted at once: all settled after', unit: 'ms', limit: 150, sense: 'at most',
    measured: (f) => Math.max(f['many.one signal.settledMs'], f['many.a signal each.settledMs'])
  },
  {
    issue: 2, line: 6.1, what: '  RSS back to base: left of its rise', unit: '%', limit: 10, sense: 'at most',
    measured: (f) => Math.max(...['one signal', 'a signal each'].map((name) => 100 * Math.max(0, f[`many.${name}.restMiB`]) / f[`many.${name}.riseMiB`]))
  },
  {
    issue: 2, line: 6.2, what: 'abort of a running hash (1 GiB): slot free again after', unit: 'ms', limit: 10, sense: 'at most',
    measured: (f) => f['running.sha256.freeMs']
  }
]
