// fs and dns share libuv's threads with CPU-heavy addons: how long do they wait?
import { fresh } from '../lib/fresh.mjs'
import { MiB } from '../lib/inputs.mjs'
import { watchLoad } from '../lib/load.mjs'
import { native } from '../lib/native.mjs'
import { interleave } from '../lib/rounds.mjs'
import { withFile } from '../lib/scratch.mjs'
import { sidelane } from '../lib/sidelane.mjs'
import { medians } from '../lib/stats.mjs'

export const title = 'fs.readFile and dns.lookup while 64 tasks of 200 ms are queued'
export const about = 'Probes every 20 ms from the main thread and from a Worker, while one of them has submitted all tasks at once; the longest wait of each. ' +
  'Fresh process each, libuv\'s pool at its default. raw AsyncTask burns CPU time; Sidelane hashes a file (sha3-512) of the size that takes as long.'

/** @param {import('../lib/types.js').Context} context */
export async function run (context) {
  const tasks = context.pick(64, 24)
  const taskMs = context.pick(200, 50)
  const stop = watchLoad()
  const size = await withFile(16 * MiB, async (file) => {
    const cpu = await hashCost(file)
    return Math.round(16 * MiB * taskMs / cpu)
  })
  return withFile(size, async (file) => {
    const contenders = ['raw AsyncTask', 'sidelane'].flatMap((name) => ['main', 'worker'].map((from) => ({ name: `${name}, ${from}`, contender: name, from })))
    const samples = await interleave(contenders, context.pick(3, 1), ({ contender, from }) => {
      return fresh('starvation.mjs', { contender, from, tasks, taskMs, file })
    }, { warmup: false, progress: context.progress })
    /** @type {import('../lib/types.js').Figures} */
    const figures = {}
    const rows = contenders.map((one) => {
      const middle = medians(samples.get(one) ?? [])
      for (const [name, value] of Object.entries(middle)) figures[`${one.name}.${name}`] = value
      return [one.contender, one.from, middle.makespanMs, middle.mainFileMs, middle.mainDnsMs, middle.workerFileMs, middle.workerDnsMs, middle.probes]
    })
    const table = {
      title: `longest wait in ms; ${tasks} tasks of ${taskMs} ms`,
      note: 'Medians of the rounds. "makespan": until all tasks had ended.',
      columns: ['', 'submitted from', 'makespan', 'readFile, main', 'dns, main', 'readFile, Worker', 'dns, Worker', 'probes'],
      rows,
      load: stop()
    }
    return { tables: [table], figures }
  })
}

/** CPU milliseconds that one task over this file takes: the least of some. @param {string} file */
async function hashCost (file) {
  let least = Infinity
  for (let i = 0; i < 5; i++) {
    const begin = native.processCpuNs()
    await sidelane.hashFile('sha3-512', file)
    least = Math.min(least, (native.processCpuNs() - begin) / 1e6)
  }
  return least
}

/** @type {import('../lib/types.js').Check[]} */
export const checks = [
  {
    issue: 2, line: 4, what: '64 tasks of 200 ms queued from the main thread: worst fs.readFile wait', unit: 'ms', limit: 250, sense: 'at most',
    measured: (f) => Math.max(f['sidelane, main.mainFileMs'], f['sidelane, main.workerFileMs'])
  },
  {
    issue: 2, line: 4.1, what: '  queued from a Worker', unit: 'ms', limit: 250, sense: 'at most',
    measured: (f) => Math.max(f['sidelane, worker.mainFileMs'], f['sidelane, worker.workerFileMs'])
  }
]
