// JSON and NDJSON: what a handler that wants a part of a large body costs the loop.
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import StreamArray from 'stream-json/streamers/StreamArray.js'
import { eventTexts } from '../lib/events.mjs'
import { KiB, ownCopy } from '../lib/inputs.mjs'
import { watchLoad } from '../lib/load.mjs'
import { timed } from '../lib/native.mjs'
import { interleave } from '../lib/rounds.mjs'
import { sidelane } from '../lib/sidelane.mjs'
import { medians } from '../lib/stats.mjs'
import { times } from '../lib/table.mjs'

const { json, ndjson } = sidelane

const CHUNK = 64 * KiB

export const title = 'JSON and NDJSON, 50 MB'
export const about = 'Records of 600 bytes like those of the GitHub archive. Contenders interleaved in one process; medians. "faster": how many times as fast as the first row.'

const PLACES = { id: '/id', type: '/type', login: '/actor/login', size: '/payload/size' }
const IN_ARRAY = Object.fromEntries(Object.entries(PLACES).map(([name, pointer]) => [name, `/*${pointer}`]))
const PUSHES = { '/type': 'PushEvent' }
const SCORE = { score: '/payload/score' }
/** @type {{ columns: { score: 'f64' } }} */
const TYPED = { columns: { score: 'f64' } }

/** @param {any} event */
const pick = ({ id, type, actor: { login }, payload: { size } }) => ({ id, type, login, size })
/** @param {Buffer} data */
const parseLines = (data) => data.toString().split('\n').filter((line) => line !== '').map((line) => JSON.parse(line))

/** Pointers into the array of events. */
const GETS = Array.from({ length: 100 }, (_, index) => `/${index * 160}/actor/login`)

/** @param {any} events */
const logins = (events) => GETS.map((_, index) => events[index * 160].actor.login)

/**
 * @param {Buffer} data
 * @param {{ transfer?: boolean }} options
 */
async function openAndGet (data, options) {
  const document = await json.open(data, options)
  const found = GETS.map((pointer) => document.get(pointer))
  document.close()
  return found
}

/** Columns of a million cells, and the same as rows. */
function table () {
  const length = 200_000
  const time = Float64Array.from({ length }, (_, row) => 1.7e12 + row * 1000)
  const mean = Float64Array.from({ length }, (_, row) => Math.sin(row) * 100)
  const id = Int32Array.from({ length }, (_, row) => row)
  const flag = Uint8Array.from({ length }, (_, row) => row % 2)
  const name = Array.from({ length }, (_, row) => `sensor ${row % 1000}`)
  const rows = Array.from({ length }, (_, row) => ({ time: time[row], mean: mean[row], id: id[row], flag: flag[row], name: name[row] }))
  return { columns: { time, mean, id, flag, name }, numbers: { time, mean, id, flag }, rows }
}

/** @typedef {{ name: string, consumes?: boolean, call: (data: any) => unknown }} Contender */

/** @param {import('../lib/types.js').Context} context */
export async function run (context) {
  /** @type {import('../lib/types.js').Figures} */
  const figures = {}
  const texts = eventTexts(context.pick(50e6, 10e6))
  const { array: body } = eventTexts(10e6)
  const { columns, numbers, rows } = table()
  const tables = [
    await compare('filter', 'NDJSON: filter and select 4 fields', texts.ndjson, [
      { name: 'split + JSON.parse', call: (data) => parseLines(data).filter(({ type }) => type === 'PushEvent').map(pick) },
      ...sidelanes((data, options) => ndjson.select(data, PLACES, { ...options, where: PUSHES }))
    ], context, figures),
    await compare('column', 'NDJSON: one field as a Float64Array', texts.ndjson, [
      { name: 'split + JSON.parse', call: (data) => Float64Array.from(parseLines(data), ({ payload: { score } }) => score) },
      ...sidelanes((data, options) => ndjson.columns(data, SCORE, { ...options, ...TYPED }))
    ], context, figures),
    await compare('array', 'one JSON array: 4 fields of each element', texts.array, [
      { name: 'JSON.parse + map', call: (data) => JSON.parse(data.toString()).map(pick) },
      ...sidelanes((data, options) => json.query(data, IN_ARRAY, options)),
      { name: 'stream-json', call: streamed }
    ], context, figures),
    await compare('validate', 'validate', texts.array, [
      { name: 'JSON.parse', call: (data) => { JSON.parse(data.toString()) } },
      { name: 'sidelane, transfer', consumes: true, call: (data) => json.validate(data, { transfer: true }) },
      { name: 'sidelane, copy', call: (data) => json.validate(data) }
    ], context, figures),
    await compare('open', 'json.open of 10 MB and 100 gets', body, [
      { name: 'JSON.parse', call: (data) => logins(JSON.parse(data.toString())) },
      { name: 'sidelane, transfer', consumes: true, call: (data) => openAndGet(data, { transfer: true }) },
      { name: 'sidelane, copy', call: (data) => openAndGet(data, {}) }
    ], context, figures),
    await compare('rows', '200,000 rows of 4 numbers and a string, as JSON bytes', body, [
      { name: 'JSON.stringify of rows', call: () => Buffer.from(JSON.stringify(rows)) },
      { name: 'rows from columns + JSON.stringify', call: () => Buffer.from(JSON.stringify(Array.from(columns.time, (time, row) => ({ time, mean: columns.mean[row], id: columns.id[row], flag: columns.flag[row], name: columns.name[row] })))) },
      { name: 'sidelane fromColumns', call: () => json.fromColumns(columns) },
      { name: 'sidelane fromColumns, numbers only', call: () => json.fromColumns(numbers) }
    ], context, figures)
  ]
  return { tables, figures }
}

/**
 * @param {(data: any, options: { transfer?: boolean, trusted?: boolean }) => unknown} call
 * @returns {Contender[]}
 */
function sidelanes (call) {
  return [
    { name: 'sidelane, transfer', consumes: true, call: (data) => call(data, { transfer: true }) },
    { name: 'sidelane, copy', call: (data) => call(data, {}) },
    { name: 'sidelane trusted, transfer', consumes: true, call: (data) => call(data, { transfer: true, trusted: true }) }
  ]
}

/**
 * As a request's body comes. All 10 MB at once cost stream-json eight times the CPU.
 * @param {Buffer} data
 */
function * chunks (data) {
  for (let at = 0; at < data.length; at += CHUNK) yield data.subarray(at, at + CHUNK)
}

/** @param {Buffer} data */
async function streamed (data) {
  const rows = []
  for await (const { value } of Readable.from(chunks(data)).pipe(StreamArray.withParser())) rows.push(pick(value))
  return rows
}

/**
 * @param {string} key
 * @param {string} title
 * @param {Buffer} data
 * @param {Contender[]} contenders
 * @param {import('../lib/types.js').Context} context
 * @param {import('../lib/types.js').Figures} figures
 */
async function compare (key, title, data, contenders, context, figures) {
  const stop = watchLoad()
  const samples = await interleave(contenders, context.pick(9, 3), ({ call, consumes }) => {
    // A transfer consumes its input: a new one each time, made outside the clock.
    const input = consumes ? ownCopy(data) : data
    return timed(async () => {
      await call(input)
      await turn()
    })
  }, { progress: (text) => context.progress(`${key}, ${text}`) })
  const values = contenders.map((contender) => medians(samples.get(contender) ?? []))
  contenders.forEach(({ name }, i) => {
    for (const [clock, ms] of Object.entries(values[i])) figures[`${key}.${name}.${clock}`] = ms
  })
  return {
    title,
    columns: ['', 'wall ms', 'faster', 'main ms', 'less', 'process ms'],
    rows: contenders.map(({ name }, i) => [name, values[i].wallMs, times(values[0].wallMs / values[i].wallMs), values[i].mainMs, times(values[0].mainMs / values[i].mainMs), values[i].allMs]),
    load: stop()
  }
}

/** @param {string} key @param {string} first @param {string} name @param {string} clock */
const ratio = (key, first, name, clock) => (/** @type {import('../lib/types.js').Figures} */ f) => f[`${key}.${first}.${clock}`] / f[`${key}.${name}.${clock}`]
const LINES = 'split + JSON.parse'
const [CHECKED, TRUSTED] = ['sidelane, transfer', 'sidelane trusted, transfer']

/** @type {import('../lib/types.js').Check[]} */
export const checks = [
  { issue: 3, line: 2, what: 'NDJSON filter + select, wall: times split + JSON.parse', unit: 'x', limit: 8, sense: 'at least', measured: ratio('filter', LINES, CHECKED, 'wallMs') },
  { issue: 3, line: 2.1, what: '  trusted', unit: 'x', limit: 14, sense: 'at least', measured: ratio('filter', LINES, TRUSTED, 'wallMs') },
  { issue: 3, line: 2.2, what: '  main thread', unit: 'x', limit: 50, sense: 'at least', measured: ratio('filter', LINES, CHECKED, 'mainMs') },
  { issue: 3, line: 3, what: 'NDJSON field -> Float64Array, wall: times split + JSON.parse', unit: 'x', limit: 6, sense: 'at least', measured: ratio('column', LINES, CHECKED, 'wallMs') },
  { issue: 3, line: 3.1, what: '  trusted', unit: 'x', limit: 8, sense: 'at least', measured: ratio('column', LINES, TRUSTED, 'wallMs') },
  { issue: 3, line: 3.2, what: '  main thread', unit: 'x', limit: 200, sense: 'at least', measured: ratio('column', LINES, CHECKED, 'mainMs') },
  { issue: 3, line: 4, what: 'JSON array, 4 fields, wall: times JSON.parse + map', unit: 'x', limit: 3, sense: 'at least', measured: ratio('array', 'JSON.parse + map', CHECKED, 'wallMs') },
  { issue: 3, line: 4.1, what: '  main thread', unit: 'x', limit: 12, sense: 'at least', measured: ratio('array', 'JSON.parse + map', CHECKED, 'mainMs') },
  { issue: 3, line: 5, what: 'json.open(10 MB) + 100 gets, main thread: less than JSON.parse', unit: 'x', limit: 20, sense: 'at least', measured: ratio('open', 'JSON.parse', CHECKED, 'mainMs') }
]
