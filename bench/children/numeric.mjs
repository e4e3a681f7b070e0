// One group of bench/lib/numeric.mjs, on the cores that this process may use.
import { setImmediate as turn } from 'node:timers/promises'
import { argument, report } from '../lib/fresh.mjs'
import { timed } from '../lib/native.mjs'
import { GROUPS } from '../lib/numeric.mjs'
import { interleave } from '../lib/rounds.mjs'
import { medians } from '../lib/stats.mjs'

const { group, rounds, quick } = argument()
const { input, contenders } = /** @type {(typeof GROUPS)[string]} */ (GROUPS[group])
const data = input(quick)
const samples = await interleave(contenders, rounds, async ({ call, consumes }) => {
  // A transfer consumes its input: a new one each time, made outside the clock.
  const own = consumes ? data.slice() : data
  await turn()
  return timed(() => call(own))
})
report(contenders.map((contender) => ({ name: contender.name, ...medians(samples.get(contender) ?? []) })))
