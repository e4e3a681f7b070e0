// The worker pools: what people use today to get CPU work off the loop.
import os from 'node:os'
import { fileURLToPath } from 'node:url'

/** @param {string} file */
const child = (file) => fileURLToPath(new URL(`../children/${file}`, import.meta.url))

/**
 * @typedef {{
 *   name: string,
 *   noop(): PromiseLike<unknown>,
 *   sha256(data: Uint8Array, options?: { signal?: AbortSignal }): PromiseLike<unknown>,
 *   close(): PromiseLike<unknown>
 * }} Pool
 */

/** @type {Record<string, () => Promise<Pool>>} */
const open = {
  async piscina () {
    const { Piscina } = await import('piscina')
    const threads = os.availableParallelism()
    const pool = new Piscina({ filename: child('pool-tasks.mjs'), minThreads: threads, maxThreads: threads })
    return {
      name: 'piscina',
      noop: () => pool.run(1, NOOP),
      sha256: (data, options) => pool.run(data, { name: 'sha256', ...options }),
      close: () => pool.destroy()
    }
  },
  async tinypool () {
    const { Tinypool } = await import('tinypool')
    const threads = os.availableParallelism()
    const pool = new Tinypool({ filename: child('pool-tasks.mjs'), minThreads: threads, maxThreads: threads })
    return {
      name: 'tinypool',
      noop: () => pool.run(1, NOOP),
      sha256: (data, options) => pool.run(data, { name: 'sha256', ...options }),
      close: () => pool.destroy()
    }
  },
  async workerpool () {
    const { default: workerpool } = await import('workerpool')
    const threads = os.availableParallelism()
    const pool = workerpool.pool(child('workerpool-tasks.mjs'), { minWorkers: threads, maxWorkers: threads, workerType: 'thread' })
    return {
      name: 'workerpool',
      noop: () => pool.exec('noop', ONE),
      sha256: (data) => pool.exec('sha256', [data]),
      close: async () => { await pool.terminate(true) }
    }
  }
}

const NOOP = { name: 'noop' }
const ONE = [1]

export const poolNames = Object.keys(open)

/**
 * Opens a pool with one thread per core and runs a first task, so that its threads exist.
 * @param {string} name
 */
export async function openPool (name) {
  const pool = await open[name]()
  await Promise.all(Array.from({ length: 8 }, () => pool.noop()))
  return pool
}
