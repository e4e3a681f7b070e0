// Aborts one long hash in the middle and polls the lane until its slot is free.
import { setTimeout as sleep } from 'node:timers/promises'
import { argument, report } from '../lib/fresh.mjs'
import { GiB, randomBytes } from '../lib/inputs.mjs'
import { sidelane } from '../lib/sidelane.mjs'
import { median } from '../lib/stats.mjs'

const { algorithm, size, rounds } = argument()
const { Lane, hash } = sidelane
const lane = new Lane({ maxQueueBytes: 2 * GiB })

const whole = randomBytes(size)
const begin = performance.now()
await hash(algorithm, whole, { lane, transfer: true })
const wholeMs = performance.now() - begin

/** @type {number[]} */
const rejected = []
/** @type {number[]} */
const free = []
let ended = 0
for (let round = 0; round < rounds; round++) {
  const controller = new AbortController()
  let at = 0
  const state = { done: false }
  const promise = hash(algorithm, randomBytes(size), { lane, transfer: true, signal: controller.signal })
    .then(() => { state.done = true }, () => { at = performance.now() })
  while (lane.stats().running === 0 && !state.done) await sleep(1)
  await sleep(wholeMs / 4)
  const abort = performance.now()
  controller.abort()
  // A millisecond apart: polling without a pause would take the core from the thread that is to stop.
  while (lane.stats().running > 0) await sleep(1)
  const freed = performance.now()
  await promise
  if (state.done) ended++
  else {
    free.push(freed - abort)
    rejected.push(at - abort)
  }
}
report({ wholeMs, rejectedMs: median(rejected), freeMs: median(free), worstMs: Math.max(...free), ended })
