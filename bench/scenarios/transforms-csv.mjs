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

export const title = 'CSV, 60 MB'
export const about = 'Nine columns: numbers, dates, truth values and text, a tenth of the rows with a quoted field. Contenders interleaved in one process; medians. "faster": how many times as fast as the first row.'

/** @type {{ id: 'i32', name: 'utf8', price: 'f64', quantity: 'i32', at: 'date', city: 'dict', paid: 'bool', note: 'utf8', score: 'f64' }} */
const COLUMNS = { id: 'i32', name: 'utf8', price: 'f64', quantity: 'i32', at: 'date', city: 'dict', paid: 'bool', note: 'utf8', score: 'f64' }
/** @type {{ price: 'f64', score: 'f64' }} */
const NUMBERS = { price: 'f64', score: 'f64' }

const UDSV = 'udsv, typed columns'
const PAPA = 'papaparse, dynamicTyping'
const OURS = 'sidelane, transfer'

/** @typedef {{ name: string, consumes?: boolean, call: (data: any) => unknown }} Contender */

/** @type {Contender[]} */
const contenders = [
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

/** @param {import('../lib/types.js').Context} context */
export async function run (context) {
  const data = csvText(context.pick(60e6, 10e6))
  /** @type {import('../lib/types.js').Figures} */
  const figures = {}
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
  const table = {
    title: 'bytes to typed columns',
    columns: ['', 'wall ms', 'faster', 'main ms', 'less', 'process ms'],
    rows: contenders.map(({ name }, i) => [name, values[i].wallMs, times(values[0].wallMs / values[i].wallMs), values[i].mainMs, times(values[0].mainMs / values[i].mainMs), values[i].allMs]),
    load: stop()
  }
  return { tables: [table], figures }
}

/** @type {import('../lib/types.js').Check[]} */
export const checks = [
  { issue: 3, line: 1, what: 'CSV to typed columns, wall: times udsv', unit: 'x', limit: 7, sense: 'at least', measured: (f) => f[`${UDSV}.wallMs`] / f[`${OURS}.wallMs`] },
  { issue: 3, line: 1.1, what: '  times papaparse with types', unit: 'x', limit: 15, sense: 'at least', measured: (f) => f[`${PAPA}.wallMs`] / f[`${OURS}.wallMs`] },
  { issue: 3, line: 1.2, what: '  main thread', unit: 'ms', limit: 2, sense: 'at most', measured: (f) => f[`${OURS}.mainMs`] }
]
