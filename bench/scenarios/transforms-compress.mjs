// Compression: libdeflate and zlib-rs against node:zlib, which leaves the loop too. The gain is wall time, and what zlib's chunks cost the loop.
import { setImmediate as turn } from 'node:timers/promises'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { eventTexts } from '../lib/events.mjs'
import { ownCopy } from '../lib/inputs.mjs'
import { watchLoad } from '../lib/load.mjs'
import { timed } from '../lib/native.mjs'
import { interleave } from '../lib/rounds.mjs'
import { sidelane } from '../lib/sidelane.mjs'
import { medians } from '../lib/stats.mjs'
import { times } from '../lib/table.mjs'

const { compress } = sidelane

export const title = 'compression, 10 MB of NDJSON'
export const about = 'Records of 600 bytes like those of the GitHub archive. Contenders interleaved in one process; medians. "faster": how many times as fast as the first row.'

/** @typedef {{ name: string, consumes?: boolean, call: (data: any) => Promise<Buffer> }} Contender */

/** @param {import('../lib/types.js').Context} context */
export async function run (context) {
  /** @type {import('../lib/types.js').Figures} */
  const figures = {}
  const data = eventTexts(10e6).ndjson
  const tables = [
    await compare('gunzip', 'gunzip', zlib.gzipSync(data), [
      { name: 'zlib.gunzip', call: promisify(zlib.gunzip) },
      ...sidelanes((data, options) => compress.gunzip(data, options))
    ], context, figures),
    await compare('inflate', 'inflate', zlib.deflateSync(data), [
      { name: 'zlib.inflate', call: promisify(zlib.inflate) },
      ...sidelanes((data, options) => compress.inflate(data, options))
    ], context, figures)
  ]
  for (const level of [1, 6, 9]) {
    tables.push(await compare(`gzip${level}`, `gzip, level ${level}`, data, [
      { name: 'zlib.gzip', call: (data) => promisify(/** @type {(data: any, options: any, done: any) => void} */ (zlib.gzip))(data, { level }) },
      ...sidelanes((data, options) => compress.gzip(data, { ...options, level }))
    ], context, figures))
  }
  return { tables, figures }
}

/**
 * @param {(data: any, options: { transfer?: boolean }) => Promise<Buffer>} call
 * @returns {Contender[]}
 */
function sidelanes (call) {
  return [
    { name: 'sidelane, transfer', consumes: true, call: (data) => call(data, { transfer: true }) },
    { name: 'sidelane, copy', call: (data) => call(data, {}) }
  ]
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
  /** @type {Map<Contender, number>} */
  const sizes = new Map()
  const samples = await interleave(contenders, context.pick(11, 3), (contender) => {
    // A transfer consumes its input: a new one each time, made outside the clock.
    const input = contender.consumes ? ownCopy(data) : data
    return timed(async () => {
      sizes.set(contender, (await contender.call(input)).length)
      await turn()
    })
  }, { progress: (text) => context.progress(`${key}, ${text}`) })
  const values = contenders.map((contender) => ({ ...medians(samples.get(contender) ?? []), bytes: sizes.get(contender) ?? 0 }))
  contenders.forEach(({ name }, i) => {
    for (const [clock, value] of Object.entries(values[i])) figures[`${key}.${name}.${clock}`] = value
  })
  return {
    title,
    columns: ['', 'wall ms', 'faster', 'main ms', 'less', 'process ms', 'bytes'],
    rows: contenders.map(({ name }, i) => [name, values[i].wallMs, times(values[0].wallMs / values[i].wallMs), values[i].mainMs, times(values[0].mainMs / values[i].mainMs), values[i].allMs, values[i].bytes]),
    load: stop()
  }
}

/** @param {string} key @param {string} clock */
const ratio = (key, clock) => (/** @type {import('../lib/types.js').Figures} */ f) => f[`${key}.zlib.${key.replace(/\d/, '')}.${clock}`] / f[`${key}.sidelane, transfer.${clock}`]

/** @type {import('../lib/types.js').Check[]} */
export const checks = [
  { issue: 3, line: 10, what: 'gunzip 10 MB, wall: times zlib', unit: 'x', limit: 2.5, sense: 'at least', measured: ratio('gunzip', 'wallMs') },
  { issue: 3, line: 10.1, what: 'gzip, level 6, all cores, wall: times zlib', unit: 'x', limit: 2, sense: 'at least', measured: ratio('gzip6', 'wallMs') },
  { issue: 3, line: 10.2, what: '  size, of zlib\'s', unit: 'x', limit: 1.02, sense: 'at most', measured: (figures) => 1 / ratio('gzip6', 'bytes')(figures) }
]
