// Fills a lane, aborts everything, and watches time and memory.
import { setTimeout as sleep } from 'node:timers/promises'
import { argument, report } from '../lib/fresh.mjs'
import { GiB, KiB, randomBytes } from '../lib/inputs.mjs'
import { native } from '../lib/native.mjs'
import { rss } from '../lib/rss.mjs'
import { sidelane } from '../lib/sidelane.mjs'

const { own, tasks, file } = argument()
const { Lane, hash, hashFile, runtime } = sidelane
const lane = new Lane({ maxQueue: 2 * tasks, maxQueueBytes: 2 * GiB })
const body = randomBytes(32 * KiB)

/** Fills the lane with `count` tasks, aborts them all, waits until they are gone. @param {number} count */
async function burst (count) {
  const shared = new AbortController()
  const controllers = own ? Array.from({ length: count }, () => new AbortController()) : [shared]
  // The first ones hold every slot for longer than the rest needs to be queued; from a file, so that they hold no memory.
  const slots = runtime().runnerLimit
  const promises = Array.from({ length: count }, (_, i) => {
    const { signal } = own ? controllers[i] : shared
    return i < slots
      ? hashFile(['sha3-512', 'sha3-384', 'sha3-256', 'sha512', 'blake2s256', 'md5'], file, { lane, signal })
      : hash('sha256', body, { lane, signal, inline: false })
  })
  const settled = Promise.allSettled(promises)
  await sleep(20)
  const full = rss()
  const { queued, running, completed } = lane.stats()
  const cpu = native.threadCpuNs()
  const begin = performance.now()
  for (const controller of controllers) controller.abort()
  const abortMs = performance.now() - begin
  await settled
  const settledMs = performance.now() - begin
  const mainMs = (native.threadCpuNs() - cpu) / 1e6
  await lane.idle()
  return { abortMs, settledMs, mainMs, idleMs: performance.now() - begin, full, waiting: queued, running, completed }
}

/** RSS once the garbage is gone. */
async function settledRss () {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await sleep(100)
  }
  return rss()
}

// Once before, so that what is made only once (threads, compiled code, V8's heap for so many promises: 27 MB) belongs to the base. What a burst leaves behind would be left by this one too, again.
await burst(tasks)
const baseMiB = await settledRss()
const { full, waiting, running, completed, ...times } = await burst(tasks)
if (waiting + running < tasks * 0.99) throw new Error(`only ${waiting} waited and ${running} ran at the time of the abort (${completed} had completed): nothing to measure`)
report({ ...times, baseMiB, riseMiB: full - baseMiB, restMiB: await settledRss() - baseMiB })
