// Digests of many small inputs in one call.
import { canPin, fresh } from '../lib/fresh.mjs'
import { watchLoad } from '../lib/load.mjs'
import { times } from '../lib/table.mjs'

export const title = 'sha256 of 10,000 messages in one call'
export const about = 'hashMany against a loop over crypto.hash (hex), in a process that is kept on one core, and in one that has all. ' +
  'Views and strings that the loops run over are made outside the clock.'

const COUNT = 10_000

/** @type {Record<string, string>} */
const TITLES = {
  strings: '10,000 strings of 64 B',
  packed64: '10,000 messages of 64 B in one buffer',
  packed1024: '10,000 messages of 1 KiB in one buffer'
}

/** @param {import('../lib/types.js').Context} context */
export async function run (context) {
  /** @type {import('../lib/types.js').Figures} */
  const figures = {}
  const tables = []
  for (const cores of canPin ? ['one', 'all'] : ['all']) {
    context.progress(`${cores} core(s)`)
    const stop = watchLoad()
    const results = await fresh('hash-many.mjs', { count: COUNT, rounds: context.pick(21, 5) }, { oneCore: cores === 'one' })
    const load = stop()
    for (const [key, rows] of Object.entries(results)) {
      tables.push({ ...table(`${TITLES[key]}, ${cores === 'one' ? 'one core' : 'all cores'}`, rows), load })
      for (const { name, ...timing } of rows) {
        for (const [clock, ms] of Object.entries(timing)) figures[`${cores}.${key}.${name}.${clock}`] = ms
      }
    }
  }
  return { tables, figures }
}

/**
 * @param {string} title
 * @param {(import('../lib/types.js').Timing & { name: string })[]} rows the first is what the others are compared with
 * @returns {import('../lib/types.js').Table}
 */
function table (title, rows) {
  const clocks = /** @type {const} */ (['allMs', 'mainMs', 'wallMs'])
  return {
    title,
    note: 'Nanoseconds per message: CPU of all threads, of the main thread, and wall. "faster": how many times as fast as the first row, by that clock.',
    columns: ['', 'process ns', 'faster', 'main ns', 'faster', 'wall ns', 'faster'],
    rows: rows.map((row) => [row.name, ...clocks.flatMap((clock) => [row[clock] * 1e6 / COUNT, times(rows[0][clock] / row[clock])])])
  }
}

/** On one core by its own process, else by CPU time. @param {string} key @param {string} name */
const speedUp = (key, name) => (/** @type {import('../lib/types.js').Figures} */ f) => {
  const cores = canPin ? 'one' : 'all'
  return f[`${cores}.${key}.crypto.hash loop.allMs`] / f[`${cores}.${key}.${name}.allMs`]
}

/** @type {import('../lib/types.js').Check[]} */
export const checks = [
  {
    issue: 2, line: 8, what: 'hashMany sha256, 10,000 strings of 64 B, one core: speed of a crypto.hash loop', unit: 'x', limit: 2, sense: 'at least',
    measured: speedUp('strings', 'hashMany, strings to hex')
  },
  {
    issue: 2, line: 8.1, what: '  packed 64 B', unit: 'x', limit: 5, sense: 'at least',
    measured: speedUp('packed64', 'hashMany, packed to packed')
  },
  {
    issue: 2, line: 8.2, what: '  packed 1 KiB', unit: 'x', limit: 1.9, sense: 'at least',
    measured: speedUp('packed1024', 'hashMany, packed to packed')
  }
]
