// What a full queue holds in memory.
import { fresh } from '../lib/fresh.mjs'
import { watchLoad } from '../lib/load.mjs'
import { interleave } from '../lib/rounds.mjs'
import { medians } from '../lib/stats.mjs'

export const title = '1,000 sha256 tasks of 1 MiB submitted at once'
export const about = 'Each contender in a fresh process. Peak RSS over the idle process, whose bodies exist already: what the queue itself adds.'

/** In children/memory.mjs. */
const CONTENDERS = ['sidelane', 'sidelane, wait', 'sidelane, transfer', 'raw AsyncTask', 'piscina', 'tinypool', 'workerpool', 'crypto.subtle']

/** @param {import('../lib/types.js').Context} context */
export async function run (context) {
  /** @type {import('../lib/types.js').Figures} */
  const figures = {}
  const tasks = context.pick(1000, 500)
  const tables = []
  for (const bodies of ['one', 'distinct']) {
    const stop = watchLoad()
    // One buffer can be handed over only once.
    const contenders = CONTENDERS.filter((name) => bodies === 'distinct' || name !== 'sidelane, transfer').map((name) => ({ name }))
    const samples = await interleave(contenders, context.pick(3, 1), ({ name }) => fresh('memory.mjs', { name, bodies, tasks }), {
      warmup: false,
      progress: (text) => context.progress(`${bodies}, ${text}`)
    })
    const rows = contenders.map((contender) => {
      const middle = medians(samples.get(contender) ?? [])
      for (const [name, value] of Object.entries(middle)) figures[`${bodies}.${contender.name}.${name}`] = value
      return [contender.name, middle.peakMiB, middle.idleMiB, middle.submitMs, middle.totalMs, middle.done, middle.refused]
    })
    tables.push({
      title: bodies === 'one' ? `${tasks} tasks over one Buffer` : `${tasks} tasks, each with a body of its own`,
      note: bodies === 'one'
        ? '"sidelane": default lane, which copies until it holds 256 MiB and refuses the rest. "wait": a lane of 16 MiB whose callers wait. raw AsyncTask borrows the Buffer.'
        : '"transfer": a lane of 2 GiB that takes the bodies over, so nothing is held twice.',
      columns: ['', 'peak MiB over idle', 'idle MiB over a bare process', 'submit ms', 'total ms', 'done', 'refused'],
      rows,
      load: stop()
    })
  }
  return { tables, figures }
}
