// The bench addon: nanosecond CPU clocks and the peer "raw AsyncTask".
import { createRequire } from 'node:module'

/**
 * @type {{
 *   threadCpuNs(): number, processCpuNs(): number, childrenCpuNs(): number,
 *   noop(): Promise<void>, sha256(data: Uint8Array): Promise<string>, spin(ms: number): Promise<void>
 * }}
 */
export const native = createRequire(import.meta.url)('../addon/bench-addon.node')

/** Clocks at one moment. */
const now = () => ({ main: native.threadCpuNs(), all: native.processCpuNs(), wall: performance.now() })

/**
 * Times one piece of work: CPU of this thread, CPU of the process, wall; each in milliseconds.
 * @param {() => unknown} work
 * @returns {Promise<import('./types.js').Timing>}
 */
export async function timed (work) {
  const begin = now()
  await work()
  const end = now()
  return { mainMs: (end.main - begin.main) / 1e6, allMs: (end.all - begin.all) / 1e6, wallMs: end.wall - begin.wall }
}
