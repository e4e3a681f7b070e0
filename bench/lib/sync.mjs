import { native } from './native.mjs'

/** Keeps results alive, so that the compiler cannot drop a call whose result nobody uses. */
export const sink = { value: /** @type {unknown} */ (undefined) }

/**
 * How often a synchronous call must be repeated to take `ms` milliseconds.
 * @param {() => unknown} call
 * @param {number} ms
 */
export function repeatsFor (call, ms) {
  for (let repeats = 1; ; repeats *= 4) {
    const took = nsPerCall(call, repeats) * repeats / 1e6
    if (took >= ms || repeats > 1e8) return repeats
    // Close enough to extrapolate.
    if (took > ms / 8) return Math.max(1, Math.ceil(repeats * ms / took))
  }
}

/**
 * CPU time of this thread per call, in nanoseconds.
 * @param {() => unknown} call
 * @param {number} repeats
 */
export function nsPerCall (call, repeats) {
  const begin = native.threadCpuNs()
  for (let i = 0; i < repeats; i++) sink.value = call()
  return (native.threadCpuNs() - begin) / repeats
}
