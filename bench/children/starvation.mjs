// The same file in the main thread and in its Worker: one submits the tasks, both probe.
/* oxlint-disable unicorn/require-post-message-target-origin -- a rule for browser windows */
import dns from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { argument, report } from '../lib/fresh.mjs'
import { native } from '../lib/native.mjs'
import { sidelane } from '../lib/sidelane.mjs'

const { contender, from, tasks, taskMs, file } = isMainThread ? argument() : workerData.input
/** One word, shared: 1 once all tasks have ended. */
const ended = new Int32Array(isMainThread ? new SharedArrayBuffer(4) : workerData.ended)

/** @returns {Promise<unknown>} */
const task = () => (contender === 'sidelane' ? sidelane.hashFile('sha3-512', file) : native.spin(taskMs))

/** Repeats a call until all tasks have ended; the longest wait. @param {() => Promise<unknown>} call */
async function probe (call) {
  let worst = 0
  let count = 0
  while (Atomics.load(ended, 0) === 0) {
    const begin = performance.now()
    await call()
    worst = Math.max(worst, performance.now() - begin)
    count++
    await sleep(20)
  }
  return { worst, count }
}

/** What one thread does. */
async function play () {
  const submits = (from === 'main') === isMainThread
  const begin = performance.now()
  const work = submits
    ? Promise.all(Array.from({ length: tasks }, task)).then(() => { Atomics.store(ended, 0, 1); return performance.now() - begin })
    : 0
  const small = fileURLToPath(import.meta.url)
  const [makespanMs, reads, lookups] = await Promise.all([work, probe(() => readFile(small)), probe(() => dns.lookup('localhost'))])
  return { makespanMs, fileMs: reads.worst, dnsMs: lookups.worst, probes: reads.count + lookups.count }
}

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { input: argument(), ended: ended.buffer } })
  const message = () => new Promise((resolve, reject) => { worker.once('message', resolve).once('error', reject) })
  // Both begin together, when the Worker is up.
  await message()
  const other = message()
  worker.postMessage('go')
  const [here, there] = await Promise.all([play(), other])
  report({
    makespanMs: here.makespanMs + there.makespanMs,
    mainFileMs: here.fileMs, mainDnsMs: here.dnsMs,
    workerFileMs: there.fileMs, workerDnsMs: there.dnsMs,
    probes: here.probes + there.probes
  })
} else {
  const go = new Promise((resolve) => { parentPort?.once('message', resolve) })
  parentPort?.postMessage('ready')
  await go
  parentPort?.postMessage(await play())
}
