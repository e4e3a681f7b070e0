// Who gets the threads: isolates and lanes their share, fs and dns always one.
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import test from 'ava'
import { child, helper, worker } from './helpers/child.mjs'
import { Lane, hash, hashFile, nap, runtime } from './helpers/sidelane.mjs'
import { SLOW, reason, sleep, until, within } from './helpers/time.mjs'

/** For `ms`, one short task after the other. @returns {Promise<number[]>} how long each took */
async function shortTasks (ms, options) {
  const found = []
  const end = performance.now() + ms
  while (performance.now() < end) {
    const start = performance.now()
    await nap(1, options)
    found.push(performance.now() - start)
  }
  return found
}

test.serial('an isolate with 64 tasks of 50 ms, and one with short ones', async (t) => {
  const { worker: started } = await worker('for (let i = 0; i < 64; i++) quiet(nap(50)); parentPort.postMessage("")')
  const found = await shortTasks(800)
  // First come, first served, the first one would wait for all 64.
  t.true(found.length > 5, `${found.length} tasks`)
  t.true(Math.max(...found) < 1000 * SLOW, `${Math.max(...found)} ms`)
  await started.terminate()
})

test.serial('a lane with 64 tasks of 50 ms, and one with short ones', async (t) => {
  const lane = new Lane()
  const controller = new AbortController()
  const tasks = Array.from({ length: 64 }, () => reason(nap(50, { lane, signal: controller.signal })))
  const found = await shortTasks(800, { lane: new Lane() })
  t.true(found.length > 5, `${found.length} tasks`)
  controller.abort()
  await Promise.all(tasks)
  await lane.idle()
})

test.serial('an isolate gets all threads while nobody else wants them', async (t) => {
  const { runnerLimit } = runtime()
  await within(t, runnerLimit > 1 ? 800 : 1500, async () => {
    const { first, worker: started } = await worker(`
      const start = performance.now()
      Promise.all(Array.from({ length: 20 }, () => nap(50))).then(() => parentPort.postMessage(performance.now() - start))`)
    await started.terminate()
    return first
  })
})

/** A job that uses all threads, and a short task of another lane meanwhile. */
async function besideJob (t, start) {
  const [jobs, others] = [new Lane({ maxQueueBytes: Infinity }), new Lane()]
  const controller = new AbortController()
  const job = reason(start({ lane: jobs, signal: controller.signal }))
  await until(() => jobs.stats().running === 1)
  await sleep(20)
  t.is(jobs.stats().running, 1, 'it takes longer than that')
  await hash('sha256', Buffer.alloc(20_000), { lane: others, inline: false, priority: 'high' })
  t.is(jobs.stats().running, 1, 'the short task did not wait for the end of the job')
  controller.abort()
  await job
  await jobs.idle()
}

test.serial('a file by several algorithms keeps no task of another lane waiting', async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sidelane-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const file = path.join(directory, 'sparse')
  writeFileSync(file, '')
  truncateSync(file, 3 * 2 ** 30)
  await besideJob(t, (options) => hashFile(['sha256', 'md5'], file, options))
})

test.serial('a message that several threads hash keeps no task of another lane waiting', async (t) => {
  // Untouched: it takes no memory.
  await besideJob(t, (options) => hash('blake3', new Uint8Array(1.5 * 2 ** 30), { ...options, transfer: true }))
})

/** Tasks of 200 ms, far more than there are threads. */
const BUSY = 'for (let i = 0; i < 64; i++) quiet(spin(200));'
/** Prints the longest time that a read of a file took. */
const PROBE = `
  const { readFile } = require('node:fs/promises')
  const probe = async () => {
    let most = 0
    for (let i = 0; i < 20; i++) {
      const start = performance.now()
      await readFile(${JSON.stringify(helper)})
      most = Math.max(most, performance.now() - start)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    require('node:fs').writeSync(1, String(most))
    process.exit()
  };
`
const inWorker = (code) => `new Worker(${JSON.stringify(`
  const { spin } = require(${JSON.stringify(helper)})
  const quiet = (promise) => promise.catch(() => {})
  ${code}`)}, { eval: true });`

for (const [title, code] of [
  ['fs of the main thread, its own tasks', `${BUSY} ${PROBE} probe()`],
  ['fs of the main thread, tasks of a worker', `${inWorker(BUSY)} ${PROBE} setTimeout(probe, 150)`],
  ['fs of a worker, tasks of the main thread', `${BUSY} ${inWorker(`${PROBE.replace('process.exit()', 'require("node:worker_threads").parentPort.postMessage("")')} probe()`).slice(0, -1)}.once('message', () => process.exit())`],
  ['fs of the main thread, tasks of four workers', `${inWorker(BUSY).repeat(4)} ${PROBE} setTimeout(probe, 250)`]
]) {
  test.serial(title, async (t) => {
    await within(t, 250, async () => {
      const { stdout, status, stderr } = await child(code)
      t.is(status, 0, stderr)
      return Number(stdout || Infinity)
    }, 2)
  })
}

test.serial('dns, and a pool of two', async (t) => {
  await within(t, 250, async () => {
    const { stdout, status, stderr } = await child(`${BUSY}
      const { lookup } = require('node:dns/promises')
      ;(async () => {
        let most = 0
        for (let i = 0; i < 10; i++) {
          const start = performance.now()
          await lookup('localhost')
          most = Math.max(most, performance.now() - start)
          await sleep(20)
        }
        console.log(most)
        process.exit()
      })()`, { env: { UV_THREADPOOL_SIZE: '2' } })
    t.is(status, 0, stderr)
    return Number(stdout || Infinity)
  }, 2)
})

test.serial('other work of libuv\'s pool, zlib and crypto, gets its turn', async (t) => {
  const lane = new Lane()
  const controller = new AbortController()
  const tasks = Array.from({ length: 64 }, () => reason(nap(100, { lane, signal: controller.signal })))
  const { pbkdf2 } = await import('node:crypto')
  const { deflate } = await import('node:zlib')
  await sleep(10)
  await within(t, 250, async () => {
    const start = performance.now()
    await Promise.all([new Promise((resolve) => { pbkdf2('x', 'y', 10, 32, 'sha256', resolve) }), new Promise((resolve) => { deflate('x', resolve) })])
    return performance.now() - start
  })
  controller.abort()
  await Promise.all(tasks)
  await lane.idle()
})
