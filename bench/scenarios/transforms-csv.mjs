// CSV: what a handler that wants the columns of a large body costs the loop.
import { setImmediate as turn } from 'node:timers/promises'
import Papa from 'papaparse'
import { inferSchema, initParser } from 'udsv'
import { csvText } from '../lib/csv.mjs'
import { ownCopy } from '../lib/inputs.mjs'
import { watchLoad } from '../lib/load.mjs'
import { timed } from '../lib/native.mjs'
import { interleave } from '../lib/rounds.mjs'
import { sidelane } from '../lib/sidelane.mjs'
import { medians } from '../lib/stats.mjs'
import { times } from '../lib/table.mjs'

const { csv } = sidelane

export const title = 'CSV, 60 MB read and 10 MB written'
export const about = 'Read: nine columns: numbers, dates, truth values and text, a tenth of the rows with a quoted field. Contenders interleaved in one process; medians. "faster": how many times as fast as the first row.'

/** @type {{ id: 'i32', name: 'utf8', price: 'f64', quantity: 'i32', at: 'date', city: 'dict', paid: 'bool', note: 'utf8', score: 'f64' }} */
const COLUMNS = { id: 'i32', name: 'utf8', price: 'f64', quantity: 'i32', at: 'date', city: 'dict', paid: 'bool', note: 'utf8', score: 'f64' }
/** @type {{ price: 'f64', score: 'f64' }} */
const NUMBERS = { price: 'f64', score: 'f64' }

const UDSV = 'udsv, typed columns'
const PAPA = 'papaparse, dynamicTyping'
const OURS = 'sidelane, transfer'

/** @typedef {{ name: string, consumes?: boolean, call: (data: any) => unknown }} Contender */

/** @type {Contender[]} */
const readers = [
  {
    name: UDSV,
    call: (data) => {
      const text = data.toString()
      return initParser(inferSchema(text)).typedCols(text)
    }
  },
  { name: PAPA, call: (data) => Papa.parse(data.toString(), { header: true, dynamicTyping: true }) },
  { name: OURS, consumes: true, call: (data) => csv.parse(data, { columns: COLUMNS, transfer: true }) },
  { name: 'sidelane, copy', call: (data) => csv.parse(data, { columns: COLUMNS }) },
  { name: 'sidelane inferred, transfer', consumes: true, call: (data) => csv.parse(data, { infer: true, transfer: true }) },
  { name: 'sidelane 2 of 9 columns, filtered, transfer', consumes: true, call: (data) => csv.parse(data, { columns: NUMBERS, where: { city: 'Lima' }, transfer: true }) },
  { name: 'sidelane, parseSync', call: (data) => csv.parseSync(data, { columns: COLUMNS }) }
]

/** @param {number} length */
function rowsAndColumns (length) {
  const id = Int32Array.from({ length }, (_, row) => row)
  const at = Float64Array.from({ length }, (_, row) => 1.7e12 + row * 1000)
  const price = Float64Array.from({ length }, (_, row) => row * 7919 % 100_000 / 100)
  const score = Float64Array.from({ length }, (_, row) => Math.sin(row) * 100)
  const note = Array.from({ length }, (_, row) => (row % 10 === 0 ? 'said "no", twice' : `sensor ${row % 1000}`))
  const rows = Array.from({ length }, (_, row) => ({ id: id[row], at: at[row], price: price[row], score: score[row], note: note[row] }))
  return { columns: { id, at, price, score, note }, numbers: { id, at, price, score }, rows }
}

/** @param {Record<string, any>} columns typed, or arrays of texts */
function joined (columns) {
  const field = (/** @type {any} */ value) => (typeof value === 'string' && /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)
  const all = Object.values(columns)
  const lines = [Object.keys(columns).join(',')]
  for (let row = 0; row < all[0].length; row++) lines.push(all.map((column) => field(column[row])).join(','))
  return lines.join('\n')
}

/** @param {number} length @returns {Contender[]} */
function writers (length) {
  const { columns, numbers, rows } = rowsAndColumns(length)
  return [
    { name: 'papaparse unparse of rows', call: () => Buffer.from(Papa.unparse(rows)) },
    { name: 'loop with join over columns', call: () => Buffer.from(joined(columns)) },
    { name: 'sidelane, rows', call: () => csv.stringify(rows, { as: 'buffer' }) },
    { name: 'sidelane, columns', call: () => csv.stringify(columns, { as: 'buffer' }) },
    { name: 'sidelane, columns of numbers only', call: () => csv.stringify(numbers, { as: 'buffer' }) }
  ]
}

/** @param {import('../lib/types.js').Context} context */
export async function run (context) {
  /** @type {import('../lib/types.js').Figures} */
  const figures = {}
  const tables = [
    await compare('bytes to typed columns', csvText(context.pick(60e6, 10e6)), readers, context, figures),
    await compare('200,000 rows of 4 numbers and a text, as CSV bytes', Buffer.alloc(0), writers(context.pick(200_000, 20_000)), context, figures)
  ]
  return { tables, figures }
}

/**
 * @param {string} title
 * @param {Buffer} data
 * @param {Contender[]} contenders
 * @param {import('../lib/types.js').Context} context
 * @param {import('../lib/types.js').Figures} figures
 */
async function compare (title, data, contenders, context, figures) {
  const stop = watchLoad()
  const samples = await interleave(contenders, context.pick(9, 3), ({ call, consumes }) => {
    // A transfer consumes its input: a new one each time, made outside the clock.
    const input = consumes ? ownCopy(data) : data
    return timed(async () => {
      await call(input)
      await turn()
    })
  }, { progress: context.progress })
  const values = contenders.map((contender) => medians(samples.get(contender) ?? []))
  contenders.forEach(({ name }, i) => {
    for (const [clock, ms] of Object.entries(values[i])) figures[`${name}.${clock}`] = ms
  })
  return {
    title,
    columns: ['', 'wall ms', 'faster', 'main ms', 'less', 'process ms'],
    rows: contenders.map(({ name }, i) => [name, values[i].wallMs, times(values[0].wallMs / values[i].wallMs), values[i].mainMs, times(values[0].mainMs / values[i].mainMs), values[i].allMs]),
    load: stop()
  }
}

/** @type {import('../lib/types.js').Check[]} */
export const checks = [
  { issue: 3, line: 1, what: 'CSV to typed columns, wall: times udsv', unit: 'x', limit: 7, sense: 'at least', measured: (f) => f[`${UDSV}.wallMs`] / f[`${OURS}.wallMs`] },
  { issue: 3, line: 1.1, what: '  times papaparse with types', unit: 'x', limit: 15, sense: 'at least', measured: (f) => f[`${PAPA}.wallMs`] / f[`${OURS}.wallMs`] },
  { issue: 3, line: 1.2, what: '  main thread', unit: 'ms', limit: 2, sense: 'at most', measured: (f) => f[`${OURS}.mainMs`] }
]
