// One contender of the memory scenario, in a process of its own.
import { argument, report } from '../lib/fresh.mjs'
import { MiB, randomBytes } from '../lib/inputs.mjs'
import { openPool } from '../lib/pools.mjs'
import { forgetPeak, peakRss, rss } from '../lib/rss.mjs'

const { name, bodies, tasks } = argument()
const bare = rss()

/** @returns {Promise<(data: Buffer) => PromiseLike<unknown>>} */
async function contender () {
  switch (name) {
    case 'raw AsyncTask': {
      const { native } = await import('../lib/native.mjs')
      return native.sha256
    }
    case 'crypto.subtle':
      return (data) => crypto.subtle.digest('SHA-256', /** @type {Buffer<ArrayBuffer>} */ (data))
    case 'piscina':
    case 'tinypool':
    case 'workerpool':
      return (await openPool(name)).sha256
  }
  const { sidelane: { Lane, hash } } = await import('../lib/sidelane.mjs')
  switch (name) {
    case 'sidelane':
      return (data) => hash('sha256', data)
    case 'sidelane, wait': {
      const lane = new Lane({ maxQueueBytes: 16 * MiB, overflow: 'wait' })
      return (data) => hash('sha256', data, { lane })
    }
    case 'sidelane, transfer': {
      const lane = new Lane({ maxQueueBytes: 2048 * MiB })
      return (data) => hash('sha256', data, { lane, transfer: true })
    }
  }
  throw new Error(`no contender ${name}`)
}

const submit = await contender()
await submit(randomBytes(MiB))
globalThis.gc?.()
const idle = rss()

const one = randomBytes(MiB)
const inputs = Array.from({ length: tasks }, (_, i) => (bodies === 'one' ? one : randomBytes(MiB, i)))
globalThis.gc?.()
const before = rss()
forgetPeak()

const begin = performance.now()
const promises = inputs.map(submit)
const submitMs = performance.now() - begin
const outcomes = await Promise.allSettled(promises)
const totalMs = performance.now() - begin
const done = outcomes.filter(({ status }) => status === 'fulfilled').length

report({ peakMiB: peakRss() - before, idleMiB: idle - bare, submitMs, totalMs, done, refused: tasks - done })
