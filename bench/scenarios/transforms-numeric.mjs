// Numbers in typed arrays, against JavaScript's own loops.
import { canPin, fresh } from '../lib/fresh.mjs'
import { watchLoad } from '../lib/load.mjs'
import { GROUPS } from '../lib/numeric.mjs'
import { times } from '../lib/table.mjs'

export const title = 'numbers in typed arrays'
export const about = 'Each group in a process of its own, contenders interleaved; medians in milliseconds. "faster": how many times as fast as the first row.'

/** @param {import('../lib/types.js').Context} context */
export async function run (context) {
  /** @type {import('../lib/types.js').Figures} */
  const figures = {}
  const tables = []
  for (const [group, { title }] of Object.entries(GROUPS)) {
    // Sorting and batches use all cores.
    for (const cores of canPin && group !== 'quantiles' && group !== 'describe' ? ['one', 'all'] : ['all']) {
      context.progress(`${title}, ${cores} core(s)`)
      const stop = watchLoad()
      /** @type {(import('../lib/types.js').Timing & { name: string })[]} */
      const rows = await fresh('numeric.mjs', { group, rounds: context.pick(group === 'sort' ? 7 : 21, 3), quick: context.quick }, { oneCore: cores === 'one' })
      for (const { name, ...timing } of rows) {
        for (const [clock, ms] of Object.entries(timing)) figures[`${group}.${cores}.${name}.${clock}`] = ms
      }
      tables.push({
        title: `${title}, ${cores === 'one' ? 'one core' : 'all cores'}`,
        columns: ['', 'wall ms', 'faster', 'main ms', 'less', 'process ms'],
        rows: rows.map(({ name, wallMs, mainMs, allMs }) => [name, wallMs, times(rows[0].wallMs / wallMs), mainMs, times(rows[0].mainMs / mainMs), allMs]),
        load: stop()
      })
    }
  }
  return { tables, figures }
}

/** @param {string} before @param {string} after @param {string} clock */
const ratio = (before, after, clock = 'wallMs') => (/** @type {import('../lib/types.js').Figures} */ f) => f[`${before}.${clock}`] / f[`${after}.${clock}`]

const one = canPin ? 'one' : 'all'

/** @type {import('../lib/types.js').Check[]} */
export const checks = [
  {
    issue: 3, line: 6, what: 'sort 1e7 doubles, transfer: speed of TypedArray.sort, one core', unit: 'x', limit: 6, sense: 'at least',
    measured: ratio(`sort.${one}.TypedArray.sort of a copy`, `sort.${one}.sidelane sort, transfer`)
  },
  {
    issue: 3, line: 6.1, what: '  on all cores', unit: 'x', limit: 9, sense: 'at least',
    measured: ratio('sort.all.TypedArray.sort of a copy', 'sort.all.sidelane sort, transfer')
  },
  {
    issue: 3, line: 7, what: '7 quantiles of 1e6: speed of sort and index', unit: 'x', limit: 10, sense: 'at least',
    measured: ratio('quantiles.all.sort and index', 'quantiles.all.sidelane quantiles, transfer')
  },
  {
    issue: 3, line: 8, what: 'describe of 1e6: speed of a loop with the same result', unit: 'x', limit: 3, sense: 'at least',
    measured: ratio('describe.all.loop, one pass, compensated', 'describe.all.sidelane describe, transfer')
  },
  {
    issue: 3, line: 8.1, what: '  of simple-statistics', unit: 'x', limit: 7, sense: 'at least',
    measured: ratio('describe.all.simple-statistics, four functions', 'describe.all.sidelane describe, transfer')
  },
  {
    issue: 3, line: 9, what: '10,000 packets of 1,024 floats, fused: throughput of a loop', unit: 'x', limit: 3, sense: 'at least',
    measured: ratio('batch.all.loop', 'batch.all.sidelane batch, transfer')
  },
  {
    issue: 3, line: 9.1, what: '  main thread, of the loop\'s', unit: 'x', limit: 20, sense: 'at least',
    measured: ratio('batch.all.loop', 'batch.all.sidelane batch, transfer', 'mainMs')
  }
]
