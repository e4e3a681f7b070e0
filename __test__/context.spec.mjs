// The async context: kept by promises by themselves, by callbacks because they are bound.
import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import test from 'ava'
import { Lane, createHash, fail, hash, hashFile, hashMany, hold, nap, panicInKernel, panicInSettle, spin } from './helpers/sidelane.mjs'
import { sleep } from './helpers/time.mjs'

const storage = new AsyncLocalStorage()

/** @type {[string, (t: import('ava').ExecutionContext) => Promise<any> | any][]} */
const ENDS = [
  ['a result', () => nap(5)],
  ['an inline result', () => hash('crc32', 'x', { inline: true })],
  ['hashMany', () => hashMany('sha256', ['a', 'b'])],
  ['an error of its own', () => fail()],
  ['a panic in the kernel', () => panicInKernel()],
  ['a panic in settle', () => panicInSettle()],
  ['an abort before the call', () => nap(0, { signal: AbortSignal.abort() })],
  ['an abort while it runs', () => {
    const controller = new AbortController()
    storage.run('of the abort', () => setTimeout(() => controller.abort(), 10))
    return spin(20_000, { signal: controller.signal })
  }],
  ['a timeout', () => spin(20_000, { timeout: 10 })],
  ['a full lane', async (t) => {
    const lane = new Lane({ concurrency: 1, maxQueue: 0 })
    const release = await hold(t, lane)
    try {
      await nap(0, { lane })
    } finally {
      await release()
    }
  }],
  ['being dropped for another', async (t) => {
    const lane = new Lane({ concurrency: 1, maxQueue: 1, overflow: 'shed-oldest' })
    const release = await hold(t, lane)
    const task = nap(0, { lane })
    storage.run('of the other', () => nap(0, { lane }))
    try {
      await task
    } finally {
      await release()
    }
  }],
  ['waiting for room', async () => {
    const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: 'wait' })
    storage.run('of the other', () => nap(10, { lane }))
    await nap(0, { lane })
  }],
  ['a lane that closes', async () => {
    const lane = new Lane()
    storage.run('of close', () => setTimeout(() => lane.close({ timeout: 0 }), 10))
    await spin(20_000, { lane })
  }],
  ['idle', async () => {
    const lane = new Lane()
    storage.run('of the task', () => nap(10, { lane }))
    await lane.idle()
  }],
  ['createHash', async () => {
    const hasher = createHash('sha256')
    await new Promise((resolve) => hasher.end(Buffer.alloc(2 << 20), resolve))
  }]
]

for (const [title, work] of ENDS) {
  test.serial(`after ${title}`, async (t) => {
    await storage.run(title, async () => {
      try {
        await work(t)
      } catch {}
      t.is(storage.getStore(), title)
      await sleep(0)
      t.is(storage.getStore(), title)
    })
    await Lane.default.idle()
  })
}

test.serial('many contexts in one batch', async (t) => {
  const lane = new Lane({ maxQueue: Infinity })
  let right = 0
  await Promise.all(Array.from({ length: 1000 }, (_, i) => storage.run(i, async () => {
    await nap(0, { lane })
    right += storage.getStore() === i
  })))
  t.is(right, 1000)
})

test.serial('onProgress is called in the context of the call', async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sidelane-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const file = path.join(directory, 'file')
  writeFileSync(file, '')
  truncateSync(file, 64 << 20)
  const stores = []
  await storage.run('caller', () => hashFile('sha3-512', file, {
    onProgress () {
      stores.push(storage.getStore())
    }
  }))
  t.true(stores.length > 0)
  t.deepEqual([...new Set(stores)], ['caller'])
})

test.serial('what onProgress throws rejects its task, and no other', async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sidelane-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const file = path.join(directory, 'file')
  writeFileSync(file, '')
  truncateSync(file, 400 << 20)
  const broken = new Error('broken')
  const lane = new Lane()
  const task = hashFile('sha3-512', file, { lane, onProgress () { throw broken } })
  const other = nap(100)
  t.is(await t.throwsAsync(task), broken)
  t.is(await other, '0')
  await lane.idle()
})
