// One Express server with one way of hashing.
import crypto from 'node:crypto'
import express from 'express'
import { argument } from '../lib/fresh.mjs'
import { MiB, randomBytes } from '../lib/inputs.mjs'
import { watchLoop } from '../lib/loop-delay.mjs'
import { native } from '../lib/native.mjs'
import { openPool } from '../lib/pools.mjs'
import { peakRss } from '../lib/rss.mjs'

const { name } = argument()
const body = randomBytes(8 * MiB)

/** @returns {Promise<() => PromiseLike<unknown> | unknown>} */
async function digester () {
  switch (name) {
    case 'inline':
      return () => crypto.createHash('sha256').update(body).digest('hex')
    case 'crypto.subtle':
      return () => crypto.subtle.digest('SHA-256', /** @type {Buffer<ArrayBuffer>} */ (body))
    case 'raw AsyncTask':
      return () => native.sha256(body)
    case 'piscina': {
      const pool = await openPool(name)
      return () => pool.sha256(body)
    }
  }
  const { sidelane: { Lane, hash } } = await import('../lib/sidelane.mjs')
  // All 200 requests must be served, as the others do: the callers wait instead of getting a 503. Two bodies in the queue keep two cores busy.
  const lane = new Lane({ name: 'bench', maxQueueBytes: 16 * MiB, overflow: 'wait' })
  if (name === 'sidelane') return () => hash('sha256', body, { lane })
  throw new Error(`no contender ${name}`)
}

const digest = await digester()
const app = express()
app.get('/ping', (/** @type {any} */ _, /** @type {any} */ response) => { response.send('pong') })
app.get('/digest', async (/** @type {any} */ _, /** @type {any} */ response) => { response.send(String(await digest())) })

await Promise.all(Array.from({ length: 4 }, digest))
const server = app.listen(0, '127.0.0.1', () => {
  process.send?.({ port: /** @type {import('node:net').AddressInfo} */ (server.address()).port })
})

// 'start' and 'stop' come right before and after the load: idle time would flatter every delay.
process.once('message', () => {
  const loop = watchLoop()
  const cpu = native.processCpuNs()
  const main = native.threadCpuNs()
  process.once('message', () => {
    const delay = loop()
    process.send?.({
      delayP50Ms: delay.p50,
      delayP99Ms: delay.p99,
      delayMaxMs: delay.max,
      cpuMs: (native.processCpuNs() - cpu) / 1e6,
      mainMs: (native.threadCpuNs() - main) / 1e6,
      peakMiB: peakRss()
    })
  })
})
