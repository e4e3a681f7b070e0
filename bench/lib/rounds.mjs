import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds in which V8's threads sweep what a collection has found: on one core they would else be at it while the next contender is measured (30 ns of 120 a message, with `hashMany`). */
const SWEEP = 5

/** Frees what the last contender left behind (crypto.subtle its copies, for one): it is not the next one's cost. */
async function tidy () {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await turn()
  }
  await sleep(SWEEP)
}

/**
 * Measures every contender once per round. The order rotates, so that none always follows the same neighbour, and slow changes of the machine
 * (frequency, heat, other people's jobs) meet all of them alike. One more round comes first and is thrown away: it warms up.
 *
 * @template {import('./types.js').Contender} C
 * @template S
 * @param {C[]} contenders
 * @param {number} rounds
 * @param {(contender: C, round: number) => Promise<S> | S} measure round -1 is the warm-up
 * @param {{ warmup?: boolean, progress?: (text: string) => void }} [options]
 * @returns {Promise<Map<C, S[]>>} the samples of each contender
 */
export async function interleave (contenders, rounds, measure, { warmup = true, progress } = {}) {
  /** @type {Map<C, S[]>} */
  const samples = new Map(contenders.map((contender) => [contender, []]))
  for (let round = warmup ? -1 : 0; round < rounds; round++) {
    for (let i = 0; i < contenders.length; i++) {
      const contender = contenders[(i + Math.max(round, 0)) % contenders.length]
      progress?.(`${round < 0 ? 'warm-up' : `round ${round + 1} of ${rounds}`}: ${contender.name}`)
      await tidy()
      const sample = await measure(contender, round)
      if (round >= 0) samples.get(contender)?.push(sample)
    }
  }
  return samples
}
