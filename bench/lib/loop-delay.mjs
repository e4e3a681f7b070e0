// How late the event loop is.
import { quantile } from './stats.mjs'

/** Milliseconds between two looks. */
const EVERY = 5

/**
 * Looks at the loop every 5 ms. A block of a second lets one timer fire late, while 200 looks were due: each of them counts with its own delay,
 * as a request that had come then would have waited. (`monitorEventLoopDelay` counts one sample per block, so that long blocks hardly show in its quantiles.)
 * @returns {() => { p50: number, p99: number, max: number }} stops, and tells in milliseconds
 */
export function watchLoop () {
  /** @type {number[]} */
  const delays = []
  let due = performance.now() + EVERY
  const look = () => {
    const now = performance.now()
    for (; due <= now; due += EVERY) delays.push(now - due)
  }
  // As often as timers can fire; `due` says which looks count.
  const timer = setInterval(look, 1)
  return () => {
    look()
    clearInterval(timer)
    return { p50: quantile(delays, 0.5), p99: quantile(delays, 0.99), max: quantile(delays, 1) }
  }
}
