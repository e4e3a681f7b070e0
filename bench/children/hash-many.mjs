// The hash-many scenario on the cores that this process may use.
import crypto from 'node:crypto'
import { argument, report } from '../lib/fresh.mjs'
import { KiB, ownCopy, randomBytes, randomStrings } from '../lib/inputs.mjs'
import { timed } from '../lib/native.mjs'
import { interleave } from '../lib/rounds.mjs'
import { sidelane } from '../lib/sidelane.mjs'
import { medians } from '../lib/stats.mjs'

const { hashMany } = sidelane
const { count, rounds } = argument()
const REPEATS = 5

/** @typedef {{ name: string, consumes?: boolean, call: (data: Uint8Array) => unknown }} Contender */

function strings () {
  const items = randomStrings(count, 64)
  const buffers = items.map((item) => Buffer.from(item))
  return compare([
    { name: 'crypto.hash loop', call: () => items.map((item) => crypto.hash('sha256', item)) },
    { name: 'hashMany, strings to hex', call: () => hashMany('sha256', items) },
    { name: 'hashMany, strings to packed', call: () => hashMany('sha256', items, { encoding: 'packed' }) },
    { name: 'hashMany, Buffers to hex', call: () => hashMany('sha256', buffers) },
    { name: 'crypto.createHash loop', call: () => items.map((item) => crypto.createHash('sha256').update(item).digest('hex')) }
  ])
}

/** @param {number} size */
function packed (size) {
  const all = randomBytes(count * size)
  const offsets = Uint32Array.from({ length: count + 1 }, (_, i) => i * size)
  const views = Array.from({ length: count }, (_, i) => all.subarray(i * size, (i + 1) * size))
  return compare([
    { name: 'crypto.hash loop', call: () => views.map((view) => crypto.hash('sha256', view)) },
    { name: 'hashMany, packed to packed', call: (data) => hashMany('sha256', { data, offsets }, { encoding: 'packed' }) },
    { name: 'hashMany, packed to packed, transfer', consumes: true, call: (data) => hashMany('sha256', { data, offsets }, { encoding: 'packed', transfer: true }) },
    { name: 'hashMany, packed to hex', call: (data) => hashMany('sha256', { data, offsets }) }
  ], all)
}

/**
 * @param {Contender[]} contenders
 * @param {Uint8Array} [data]
 */
async function compare (contenders, data = new Uint8Array()) {
  const samples = await interleave(contenders, rounds, async ({ call, consumes }) => {
    // A transfer consumes its input: new ones, made outside the clock.
    const inputs = Array.from({ length: REPEATS }, () => (consumes ? ownCopy(data) : data))
    const { mainMs, allMs, wallMs } = await timed(async () => {
      for (const input of inputs) await call(input)
    })
    return { mainMs: mainMs / REPEATS, allMs: allMs / REPEATS, wallMs: wallMs / REPEATS }
  })
  return contenders.map((contender) => ({ name: contender.name, ...medians(samples.get(contender) ?? []) }))
}

report({ strings: await strings(), packed64: await packed(64), packed1024: await packed(KiB) })
