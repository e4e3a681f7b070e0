import { setImmediate as turn } from 'node:timers/promises'

/** Frees what the last contender left behind (crypto.subtle its copies, for one): it is not the next one's cost. */
async function tidy () {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await turn()
  }
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
