// The example's server in a process of its own, measured from inside. Talks with the demo over IPC.
import { once } from 'node:events'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import express from 'express'
import { admission } from '../http/admission.mjs'
import { digestUpload } from '../routes/inline.mjs'
import { createApp } from '../server.mjs'
import { runtime } from '../sidelane.mjs'
import { MiB, SIZE } from './scenarios.mjs'

/** Milliseconds between two looks of the histogram at the loop. */
const RESOLUTION = 1
/** Milliseconds between two looks for the plots. */
const STEP = 5

const { files, bounds } = JSON.parse(process.argv[2])
const { app, lanes } = createApp({ files, bounds, documents: new Map([['catalogue', Buffer.alloc(SIZE, 'catalogue ')]]) })

// For comparison only, so not in the example: what an upload costs without any hashing, and what admission alone does for the inline route.
app.post('/read-only/digest', (/** @type {any} */ req, /** @type {any} */ res) => {
  req.resume().once('end', () => { res.json({}) })
})
app.post('/inline-admitted/digest', admission({ reading: 4, waiting: 256, timeout: 10_000 }), express.raw({ limit: 16 * MiB, type: () => true }), digestUpload)

// In a worker, whose own loop goes on when this one stands still.
const meter = new Worker(new URL('meter.mjs', import.meta.url))
await once(meter, 'message')

const histogram = monitorEventLoopDelay({ resolution: RESOLUTION })
/** Pairs: time since the start, delay; in milliseconds. @type {number[]} */
let delays = []
let started = 0
let startedAt = 0
/** @type {NodeJS.Timeout | undefined} */
let sampler
let utilization = performance.eventLoopUtilization()

/** @type {Record<string, (message: any) => any>} */
const COMMANDS = {
  start () {
    delays = []
    started = performance.now()
    startedAt = Date.now()
    let expected = started + STEP
    const look = () => {
      const now = performance.now()
      delays.push(now - started, Math.max(0, now - expected))
      expected = now + STEP
      sampler = setTimeout(look, STEP)
    }
    sampler = setTimeout(look, STEP)
    utilization = performance.eventLoopUtilization()
    histogram.reset()
    histogram.enable()
  },

  /** `at`: when the load ended. This process may hear of it much later, so what came after is cut off where that is possible. */
  async stop ({ at }) {
    histogram.disable()
    clearTimeout(sampler)
    const busy = performance.eventLoopUtilization(utilization).utilization
    const { cpuMs, peakRss } = await COMMANDS.cpuBetween({ from: startedAt, to: at })
    // The histogram holds the time between two looks, the resolution included.
    const ms = (/** @type {number} */ ns) => Math.max(0, ns / 1e6 - RESOLUTION)
    return { p50: ms(histogram.percentile(50)), p99: ms(histogram.percentile(99)), max: ms(histogram.max), delays, busy, cpuMs, peakRss }
  },

  /** CPU milliseconds and peak memory between two times on the wall clock. */
  async cpuBetween ({ from, to }) {
    const metered = once(meter, 'message')
    meter.postMessage({ from, to })
    const [answer] = await metered
    return answer
  },

  stats ({ lane }) {
    return lanes[/** @type {keyof typeof lanes} */ (lane)].stats()
  },

  /** When the lane is idle, which is the moment that all slots are free; on the wall clock. */
  async idle ({ lane }) {
    await lanes[/** @type {keyof typeof lanes} */ (lane)].idle()
    return Date.now()
  },

  runtime
}

process.on('message', async (/** @type {any} */ message) => {
  process.send?.({ id: message.id, value: await COMMANDS[message.command](message) })
})
// Without its parent it has nothing to do.
process.once('disconnect', () => process.exit())

const server = app.listen(0, '127.0.0.1', 1024, () => {
  process.send?.({ port: /** @type {import('node:net').AddressInfo} */ (server.address()).port })
})
