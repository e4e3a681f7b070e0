// Who else used the machine. A wall-clock figure from a run with much foreign CPU is worth little; this makes such runs visible.
import { readFileSync } from 'node:fs'
import os from 'node:os'
import { native } from './native.mjs'

/** CPU time of the whole machine in milliseconds: busy (the hypervisor's stolen time included) and total. */
function machine () {
  if (process.platform === 'linux') {
    const ticks = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0].trim().split(/\s+/).slice(1, 9).map(Number)
    const total = ticks.reduce((sum, part) => sum + part, 0)
    const idle = ticks[3] + ticks[4]
    return { busy: (total - idle) * 10, total: total * 10 }
  }
  let busy = 0
  let total = 0
  for (const { times } of os.cpus()) {
    const sum = times.user + times.nice + times.sys + times.idle + times.irq
    busy += sum - times.idle
    total += sum
  }
  return { busy, total }
}

/** CPU time of this process and of its children that ended, in milliseconds. */
const own = () => (native.processCpuNs() + native.childrenCpuNs()) / 1e6

/**
 * Starts watching; the returned function stops and tells. Children that still live at the end count as foreign.
 * @returns {() => import('./types.js').Load}
 */
export function watchLoad () {
  const begin = { ...machine(), own: own(), at: performance.now() }
  return () => {
    const end = machine()
    const total = end.total - begin.total
    const others = end.busy - begin.busy - (own() - begin.own)
    return {
      // Ticks are 10 ms: too few of them say nothing.
      foreign: total < 200 ? null : Math.min(1, Math.max(0, others / total)),
      average: os.loadavg()[0],
      seconds: (performance.now() - begin.at) / 1e3
    }
  }
}
