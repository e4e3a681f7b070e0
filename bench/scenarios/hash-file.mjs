// Digests of a file that the page cache holds.
import crypto from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { MiB, sizeName } from '../lib/inputs.mjs'
import { watchLoad } from '../lib/load.mjs'
import { timed } from '../lib/native.mjs'
import { interleave } from '../lib/rounds.mjs'
import { withFile } from '../lib/scratch.mjs'
import { sidelane } from '../lib/sidelane.mjs'
import { medians } from '../lib/stats.mjs'
import { times } from '../lib/table.mjs'

const { hashFile, createHash } = sidelane

export const title = 'a file of 256 MiB, warm'
export const about = 'hashFile against the ways that Node offers. The warm-up round reads the file into the page cache.'

/** @param {import('../lib/types.js').Context} context */
export async function run (context) {
  const size = context.pick(256 * MiB, 64 * MiB)
  return withFile(size, (file) => compare(file, size, context))
}

/**
 * @param {string} file
 * @param {number} size
 * @param {import('../lib/types.js').Context} context
 */
async function compare (file, size, context) {
  const stop = watchLoad()
  const contenders = [
    { name: 'createReadStream + pipe', call: () => piped(file) },
    { name: 'createReadStream 1 MiB + pipe', call: () => piped(file, MiB) },
    { name: 'readFile + crypto.hash', call: async () => crypto.hash('sha256', await readFile(file)) },
    { name: 'sidelane hashFile', call: () => hashFile('sha256', file) },
    { name: 'sidelane hashFile blake3', call: () => hashFile('blake3', file) },
    { name: 'sidelane hashFile sha256 + md5', call: () => hashFile(['sha256', 'md5'], file) },
    { name: 'createReadStream + sidelane Hash', call: () => piped(file, undefined, createHash('sha256')) }
  ]
  const samples = await interleave(contenders, context.pick(9, 3), ({ call }) => timed(call), { progress: context.progress })
  const values = contenders.map((contender) => medians(samples.get(contender) ?? []))
  /** @type {import('../lib/types.js').Figures} */
  const figures = {}
  contenders.forEach(({ name }, i) => {
    for (const [clock, ms] of Object.entries(values[i])) figures[`${name}.${clock}`] = ms
  })
  const table = {
    title: `sha256 of a file of ${sizeName(size)}`,
    note: 'Milliseconds, medians. "faster": by wall, against the first row.',
    columns: ['', 'wall ms', 'faster', 'main ms', 'process ms'],
    rows: contenders.map(({ name }, i) => [name, values[i].wallMs, times(values[0].wallMs / values[i].wallMs), values[i].mainMs, values[i].allMs]),
    load: stop()
  }
  return { tables: [table], figures }
}

/**
 * What people write today.
 * @param {string} file
 * @param {number} [highWaterMark]
 * @param {import('node:stream').Transform} [digest]
 */
async function piped (file, highWaterMark, digest = crypto.createHash('sha256')) {
  await pipeline(createReadStream(file, { highWaterMark }), digest)
  return digest.read().toString('hex')
}

/** @type {import('../lib/types.js').Check[]} */
export const checks = [
  {
    issue: 2, line: 10, what: 'hashFile sha256 of 256 MiB, warm: speed of createReadStream + pipe (wall)', unit: 'x', limit: 1.8, sense: 'at least',
    measured: (f) => f['createReadStream + pipe.wallMs'] / f['sidelane hashFile.wallMs']
  },
  {
    issue: 2, line: 10.1, what: '  main-thread CPU', unit: 'ms', limit: 1, sense: 'at most',
    measured: (f) => f['sidelane hashFile.mainMs']
  }
]
