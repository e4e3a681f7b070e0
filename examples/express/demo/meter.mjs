// A worker that notes the CPU time and the memory of its process, whatever the main thread does meanwhile.
import { parentPort } from 'node:worker_threads'

/** @type {{ at: number, cpuMs: number, rss: number }[]} */
const samples = []

function look () {
  const { user, system } = process.cpuUsage()
  samples.push({ at: Date.now(), cpuMs: (user + system) / 1000, rss: process.memoryUsage.rss() })
}

look()
setInterval(look, 50)

parentPort?.on('message', (/** @type {{ from: number, to: number }} */ { from, to }) => {
  look()
  const span = samples.filter(({ at }) => at >= from - 100 && at <= to + 100)
  parentPort?.postMessage({ cpuMs: cpuAt(to) - cpuAt(from), peakRss: Math.max(...span.map(({ rss }) => rss)) })
})
parentPort?.postMessage('ready')

/**
 * Between two samples: on the line between them.
 *
 * @param {number} time
 */
function cpuAt (time) {
  const after = samples.findIndex(({ at }) => at >= time)
  if (after === -1) return samples[samples.length - 1].cpuMs
  if (after === 0) return samples[0].cpuMs
  const a = samples[after - 1]
  const b = samples[after]
  return a.cpuMs + (b.cpuMs - a.cpuMs) * (time - a.at) / Math.max(1, b.at - a.at)
}
