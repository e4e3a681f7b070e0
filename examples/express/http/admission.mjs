import { performance } from 'node:perf_hooks'
import { httpError } from './parameters.mjs'

/**
 * Lets a bounded number of uploads in. Reading a body is work for the event loop, whatever is done with it later: it takes what every socket has ready before it looks at anything
 * else, so with 200 uploads at once a turn of the loop takes hundreds of milliseconds, and as many bodies fill the memory. The same uploads a few at a time take
 * no longer in all. Those that wait are not read: their data stays with the sender.
 *
 * @param {object} options
 * @param {number} options.reading uploads that are read and hashed at the same time. A few keep the cores busy; many make turns of the loop long
 * @param {number} options.waiting uploads that may wait for that; further ones get a 503 before a byte of their body is read
 * @param {number} options.timeout milliseconds for one upload to come in. A slow sender takes the place of others: after this time it loses its connection
 */
export function admission ({ reading, waiting, timeout }) {
  let active = 0
  /** What lets them in, first come first served. @type {Set<() => void>} */
  const queue = new Set()
  /** How long an upload keeps its place, lately. */
  let meanMs = 100

  /** @type {(req: any, res: any, next: (error?: unknown) => void) => void} */
  return function admit (req, res, next) {
    const enter = () => {
      active++
      const entered = performance.now()
      const timer = setTimeout(() => req.destroy(), timeout)
      req.once('end', () => clearTimeout(timer))
      res.once('close', () => {
        clearTimeout(timer)
        active--
        meanMs += (performance.now() - entered - meanMs) / 8
        const [first] = queue
        if (first) {
          queue.delete(first)
          first()
        }
      })
      next()
    }
    if (active < reading) {
      enter()
    } else if (queue.size < waiting) {
      queue.add(enter)
      res.once('close', () => queue.delete(enter))
    } else {
      // The shape of Sidelane's own errors, for the same error handler.
      const retryAfterMs = Math.ceil(meanMs * (queue.size + 1) / reading)
      next(httpError(503, 'ERR_UPLOADS_FULL', 'too many uploads at the moment', { retryable: true, retryAfterMs }))
    }
  }
}
