// A server under load: who keeps it responsive?
import { nextMessage, start, stop } from '../lib/fresh.mjs'
import { watchLoad } from '../lib/load.mjs'
import { interleave } from '../lib/rounds.mjs'
import { medians } from '../lib/stats.mjs'

export const title = 'Express 5, 200 connections, sha256 of 8 MiB per request'
export const about = 'Server and load in processes of their own, over loopback, both on the same cores. The body is generated, not uploaded. Beside the load, ' +
  'a cheap route is asked every 25 ms, whether or not the last answer has come.'

/** In children/express-server.mjs. */
const CONTENDERS = ['inline', 'piscina', 'raw AsyncTask', 'sidelane', 'crypto.subtle']

/** @param {import('../lib/types.js').Context} context */
export async function run (context) {
  const watch = watchLoad()
  const seconds = context.pick(6, 2)
  const contenders = CONTENDERS.map((name) => ({ name }))
  const samples = await interleave(contenders, context.pick(3, 1), ({ name }) => serve(name, seconds), { warmup: false, progress: context.progress })
  /** @type {import('../lib/types.js').Figures} */
  const figures = {}
  const rows = contenders.map((contender) => {
    const middle = medians(samples.get(contender) ?? [])
    for (const [name, value] of Object.entries(middle)) figures[`${contender.name}.${name}`] = value
    return [
      contender.name, middle.perSecond, middle.delayP99Ms, middle.delayMaxMs, middle.pingP50Ms, middle.pingP99Ms,
      middle.cpuMs, middle.mainMs, middle.peakMiB, middle.failed
    ]
  })
  const table = {
    title: `${seconds} s of load`,
    note: 'Medians of the rounds. A ping without an answer at the end counts with the time it had waited. "sidelane": a lane of 16 MiB whose callers wait. ' +
      'CPU per answered request: all threads, and the loop\'s own.',
    columns: ['', 'req/s', 'loop delay p99 ms', 'max', '/ping p50 ms', 'p99', 'CPU ms/req', 'main ms/req', 'peak RSS MiB', 'failed'],
    rows,
    load: watch()
  }
  return { tables: [table], figures }
}

/**
 * One server, one load.
 * @param {string} name
 * @param {number} seconds
 */
async function serve (name, seconds) {
  const server = start('express-server.mjs', { name })
  const { port } = await nextMessage(server)
  const load = start('express-load.mjs', { port, seconds })
  try {
    await nextMessage(load)
    server.send('start')
    load.send('go')
    const { answered, ...seen } = await nextMessage(load)
    const answer = nextMessage(server)
    server.send('stop')
    const { cpuMs, mainMs, ...rest } = await answer
    return { ...seen, ...rest, cpuMs: cpuMs / answered, mainMs: mainMs / answered }
  } finally {
    await Promise.all([stop(load), stop(server)])
  }
}

/** @type {import('../lib/types.js').Check[]} */
export const checks = [
  {
    issue: 2, line: 5, what: 'Express, 200 connections, 8 MiB sha256 per request: loop delay p99', unit: 'ms', limit: 25, sense: 'at most',
    measured: (f) => f['sidelane.delayP99Ms']
  },
  {
    issue: 2, line: 5.1, what: '  inline, for comparison', unit: 'ms', limit: 500, sense: 'at least',
    measured: (f) => f['inline.delayP99Ms']
  }
]
