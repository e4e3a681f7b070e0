// blake3 of 64 MiB on the cores that this process may use.
import crypto from 'node:crypto'
import { argument, report } from '../lib/fresh.mjs'
import { MiB, ownCopy, randomBytes } from '../lib/inputs.mjs'
import { timed } from '../lib/native.mjs'
import { interleave } from '../lib/rounds.mjs'
import { sidelane } from '../lib/sidelane.mjs'
import { medians } from '../lib/stats.mjs'

const { hash, hashSync } = sidelane
const data = randomBytes(64 * MiB)

/** @type {{ name: string, consumes?: boolean, call: (data: Uint8Array) => unknown }[]} */
const contenders = [
  { name: 'crypto.hash sha256', call: (data) => crypto.hash('sha256', data) },
  { name: 'sidelane hashSync blake3', call: (data) => hashSync('blake3', data) },
  { name: 'sidelane hash blake3, transfer', consumes: true, call: (own) => hash('blake3', own, { transfer: true }) },
  { name: 'sidelane hash blake3, copy', call: (data) => hash('blake3', data) }
]
const samples = await interleave(contenders, argument().rounds, ({ call, consumes }) => {
  // A transfer consumes its input: a new one each time, made outside the clock.
  const input = consumes ? ownCopy(data) : data
  return timed(() => call(input))
})
report(contenders.map((contender) => ({ name: contender.name, ...medians(samples.get(contender) ?? []) })))
