// A lane's bounds, and what happens to one task too many.
import test from 'ava'
import { child } from './helpers/child.mjs'
import { Lane, LaneFullError, TooLargeError, endedAs, hash, hashFile, hashSync, hmac, hold, nap, runtime } from './helpers/sidelane.mjs'
import { SLOW, outcome, reason, sleep, time, turn } from './helpers/time.mjs'

/** Labels of tasks in the order in which they ended well. */
const order = () => {
  const list = []
  return { list, add: (label, task) => task.then(() => { list.push(label) }) }
}

test.serial('maxQueue bounds what waits, not what runs', async (t) => {
  const lane = new Lane({ name: 'narrow', concurrency: 1, maxQueue: 2 })
  const release = await hold(t, lane)
  const tasks = [nap(0, { lane }), nap(0, { lane })]
  const error = await reason(nap(0, { lane }))
  t.true(error instanceof LaneFullError)
  t.like(error, { name: 'LaneFullError', code: 'ERR_LANE_FULL', statusCode: 503, retryable: true, lane: 'narrow' })
  t.true(Number.isInteger(error.retryAfterMs) && error.retryAfterMs >= 1, `${error.retryAfterMs}`)
  t.true(error.message.includes('narrow') && error.message.includes(`${error.retryAfterMs} ms`), error.message)
  t.is(lane.stats().queued, 2)
  await release()
  t.deepEqual(await Promise.all(tasks), ['0', '0'])
  t.is(await nap(0, { lane }), '0')
  endedAs(t, lane, { completed: 3, aborted: 1, rejected: 1 })
})

test.serial('a task may wait for each free slot besides', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 2 })
  // None has started: one is for the slot.
  const ends = await Promise.all([1, 2, 3, 4].map(() => reason(nap(50, { lane }))))
  t.deepEqual(ends.map((error) => error?.code), [undefined, undefined, undefined, 'ERR_LANE_FULL'])
})

test.serial('maxQueue 0: at once or not at all', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0 })
  t.is(await nap(0, { lane }), '0')
  const release = await hold(t, lane)
  t.is((await reason(nap(0, { lane }))).code, 'ERR_LANE_FULL')
  await release()
  t.is(await nap(0, { lane }), '0')
})

test.serial('maxQueueBytes bounds what waits', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueueBytes: 1000 })
  const release = await hold(t, lane)
  const tasks = [nap(0, { lane }, 600)]
  t.is((await reason(nap(0, { lane }, 401))).code, 'ERR_LANE_FULL')
  tasks.push(nap(0, { lane }, 400), nap(0, { lane }, 0))
  t.is((await reason(nap(0, { lane }, 1))).code, 'ERR_LANE_FULL')
  t.is(lane.stats().queuedBytes, 1000)
  await release()
  await Promise.all(tasks)
  t.is(await nap(0, { lane }, 1000), '1000')
})

test.serial('a task above maxQueueBytes by itself is refused as too large, even with \'wait\'', async (t) => {
  for (const overflow of ['reject', 'shed-oldest', 'shed-lowest', 'wait']) {
    const lane = new Lane({ name: 'small', maxQueueBytes: 1000, overflow })
    const error = await reason(hash('sha256', Buffer.alloc(1001), { lane, inline: false }))
    t.true(error instanceof TooLargeError)
    t.like(error, { code: 'ERR_TOO_LARGE', statusCode: 413, retryable: false, limit: 1000, received: 1001 })
    t.true(error.message.includes('small') && error.message.includes('maxQueueBytes'), error.message)
    t.is(await hash('md5', Buffer.alloc(1000), { lane, inline: false }), hashSync('md5', Buffer.alloc(1000)))
    endedAs(t, lane, { completed: 1, rejected: 1 })
  }
})

test.serial('a refusal comes before the payload is copied', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0 })
  const release = await hold(t, lane)
  // Untouched pages: they take no memory until somebody writes a copy of them.
  const data = Buffer.alloc(200 << 20)
  await reason(hash('sha256', data, { lane }))
  const before = process.memoryUsage.rss()
  const ms = await time(() => reason(hash('sha256', data, { lane })))
  const grown = (process.memoryUsage.rss() - before) / 2 ** 20
  t.true(grown < 50, `${grown} MiB`)
  t.true(ms < 40 * SLOW, `${ms} ms`)
  await release()
})

test.serial('a refused call leaves the buffer that it would have taken over', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0 })
  const release = await hold(t, lane)
  const data = new Uint8Array(100_000).fill(7)
  t.is((await reason(hash('sha256', data, { lane, transfer: true }))).code, 'ERR_LANE_FULL')
  t.is(data.byteLength, 100_000)
  await release()
  t.is(await hash('sha256', data, { lane, transfer: true }), hashSync('sha256', Buffer.alloc(100_000, 7)))
  t.is(data.byteLength, 0)
})

test.serial('shed-oldest drops the one that has waited longest', async (t) => {
  const lane = new Lane({ name: 'shed', concurrency: 1, maxQueue: 2, overflow: 'shed-oldest' })
  const release = await hold(t, lane)
  const first = reason(nap(0, { lane, priority: 'high' }))
  await sleep(2)
  const rest = [nap(0, { lane, priority: 'low' }), nap(0, { lane, priority: 'low' })]
  const error = await first
  t.true(error instanceof LaneFullError)
  t.like(error, { code: 'ERR_LANE_FULL', statusCode: 503, retryable: true, lane: 'shed' })
  t.true(error.retryAfterMs >= 1)
  t.regex(error.message, /dropped/)
  await release()
  t.deepEqual(await Promise.all(rest), ['0', '0'])
  endedAs(t, lane, { completed: 2, aborted: 1, rejected: 1 })
})

test.serial('shed-oldest never drops what runs', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: 'shed-oldest' })
  const release = await hold(t, lane)
  t.is((await reason(nap(0, { lane }))).code, 'ERR_LANE_FULL')
  t.is(lane.stats().running, 1)
  await release()
})

test.serial('a task is not settled inside the call that drops it', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 1, overflow: 'shed-oldest' })
  const release = await hold(t, lane)
  const events = []
  const dropped = nap(0, { lane }).catch(() => { events.push('dropped') })
  const task = nap(0, { lane })
  events.push('called')
  await dropped
  t.deepEqual(events, ['called', 'dropped'])
  await release()
  await task
})

test.serial('shed-oldest drops as many as the bytes need', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueueBytes: 1000, overflow: 'shed-oldest' })
  const release = await hold(t, lane)
  const tasks = [400, 300, 200, 700].map((bytes) => nap(0, { lane }, bytes))
  const codes = Promise.all(tasks.map(async (task) => (await reason(task))?.code))
  t.is(lane.stats().queuedBytes, 900)
  await release()
  t.deepEqual(await codes, ['ERR_LANE_FULL', 'ERR_LANE_FULL', undefined, undefined])
})

test.serial('shed-lowest drops the youngest of the lowest class below the new one', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 3, overflow: 'shed-lowest' })
  const release = await hold(t, lane)
  const labels = order()
  const submit = (label, priority) => labels.add(label, nap(0, { lane, priority })).catch((error) => { labels.list.push(`${label} ${error.code}`) })
  const tasks = [submit('low 1', 'low'), submit('low 2', 'low'), submit('normal 1', 'normal')]
  tasks.push(submit('high 1', 'high'))
  await turn()
  t.deepEqual(labels.list, ['low 2 ERR_LANE_FULL'])
  tasks.push(submit('normal 2', 'normal'))
  await turn()
  t.deepEqual(labels.list.splice(0), ['low 2 ERR_LANE_FULL', 'low 1 ERR_LANE_FULL'])
  await release()
  await Promise.all(tasks)
  t.deepEqual(labels.list, ['high 1', 'normal 1', 'normal 2'])
})

test.serial('shed-lowest refuses the new one when none is below it, and drops nothing in vain', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 10, maxQueueBytes: 1000, overflow: 'shed-lowest' })
  const release = await hold(t, lane)
  const tasks = [nap(0, { lane, priority: 'low' }, 300), nap(0, { lane }, 700)]
  t.is((await reason(nap(0, { lane, priority: 'low' }, 1))).code, 'ERR_LANE_FULL')
  // Dropping the low one would not be enough for it.
  t.is((await reason(nap(0, { lane }, 301))).code, 'ERR_LANE_FULL')
  await release()
  t.deepEqual(await Promise.all(tasks), ['300', '700'])
  endedAs(t, lane, { completed: 2, aborted: 1, rejected: 2 })
})

test.serial('a dropped task that was aborted in the same turn settles once, with the reason of the signal', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 1, overflow: 'shed-oldest' })
  const release = await hold(t, lane)
  const controller = new AbortController()
  const dropped = reason(nap(0, { lane, signal: controller.signal }))
  const task = nap(0, { lane })
  controller.abort('mine')
  t.is(await dropped, 'mine')
  await release()
  t.is(await task, '0')
  await lane.idle()
  t.is(lane.stats().queued, 0)
})

test.serial('wait: first come, first served, whatever the priority', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: 'wait' })
  const release = await hold(t, lane)
  const labels = order()
  const tasks = Array.from({ length: 20 }, (_, i) => labels.add(i, nap(0, { lane, priority: ['low', 'high', 'normal'][i % 3] })))
  t.is(lane.stats().queued, 0)
  await release()
  await Promise.all(tasks)
  t.deepEqual(labels.list, Array.from({ length: 20 }, (_, i) => i))
  endedAs(t, lane, { completed: 20, aborted: 1 })
})

test.serial('wait: a new call does not overtake those that wait', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 10, maxQueueBytes: 1000, overflow: 'wait' })
  const release = await hold(t, lane)
  const labels = order()
  const tasks = [labels.add('queued', nap(0, { lane }, 600)), labels.add('waits', nap(0, { lane }, 500)), labels.add('would fit', nap(0, { lane }, 1))]
  t.is(lane.stats().queuedBytes, 600)
  await release()
  await Promise.all(tasks)
  t.deepEqual(labels.list, ['queued', 'waits', 'would fit'])
})

test.serial('wait: the input is neither copied nor counted before there is room', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: 'wait' })
  const release = await hold(t, lane)
  const data = Buffer.alloc(200 << 20)
  const before = process.memoryUsage.rss()
  const controller = new AbortController()
  const task = reason(hash('sha256', data, { lane, signal: controller.signal }))
  t.true((process.memoryUsage.rss() - before) / 2 ** 20 < 50)
  t.deepEqual([lane.stats().queued, lane.stats().queuedBytes], [0, 0])
  controller.abort()
  await task
  await release()
})

test.serial('wait: abort', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: 'wait' })
  const release = await hold(t, lane)
  const labels = order()
  const controller = new AbortController()
  const tasks = [labels.add(1, nap(0, { lane })), labels.add(2, nap(0, { lane, signal: controller.signal })), labels.add(3, nap(0, { lane }))]
  controller.abort('no more')
  t.is(await reason(tasks[1]), 'no more')
  await release()
  await Promise.all([tasks[0], tasks[2]])
  t.deepEqual(labels.list, [1, 3])
  endedAs(t, lane, { completed: 2, aborted: 2 })
})

test.serial('wait: of tasks that are aborted together, none is let in by the end of another', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 2, overflow: 'wait' })
  const release = await hold(t, lane)
  const controller = new AbortController()
  const tasks = Array.from({ length: 50 }, () => reason(nap(0, { lane, signal: controller.signal }, 1 << 20)))
  const rest = nap(0, { lane })
  controller.abort('all')
  t.deepEqual(await Promise.all(tasks), Array(50).fill('all'))
  await release()
  await rest
  await lane.idle()
  t.is(lane.stats().runMs.count, 2)
  endedAs(t, lane, { completed: 1, aborted: 51 })
})

test.serial('wait: timeout', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: 'wait' })
  const release = await hold(t, lane)
  let error
  const ms = await time(async () => { error = await reason(nap(0, { lane, timeout: 30 })) })
  t.like(error, { code: 'ERR_TASK_TIMEOUT', timeout: 30 })
  t.true(ms >= 29 && ms < 1000 * SLOW, `${ms} ms`)
  await release()
  await lane.idle()
  endedAs(t, lane, { aborted: 1, timedOut: 1 })
})

test.serial('wait: close finishes those that wait, with a timeout it cancels them', async (t) => {
  for (const [options, code] of [[undefined, undefined], [{ timeout: 0 }, 'ERR_LANE_CLOSED']]) {
    const lane = new Lane({ concurrency: 1, maxQueue: 1, overflow: 'wait' })
    const release = await hold(t, lane)
    const tasks = Array.from({ length: 5 }, () => reason(nap(0, { lane })))
    const closed = lane.close(options)
    t.is((await reason(nap(0, { lane }))).code, 'ERR_LANE_CLOSED')
    await release()
    await closed
    t.deepEqual((await Promise.all(tasks)).map((error) => error?.code), Array(5).fill(code))
    // The one in the queue may have been taken by the runner that the first cancellation set free.
    if (options && lane.stats().completed === 1) endedAs(t, lane, { completed: 1, aborted: 5, rejected: 1 })
    else endedAs(t, lane, options ? { aborted: 6, rejected: 1 } : { completed: 5, aborted: 1, rejected: 1 })
  }
})

test.serial('wait: idle counts those that wait', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: 'wait' })
  const tasks = [nap(20, { lane }), nap(0, { lane }), nap(0, { lane })]
  await lane.idle()
  t.is(lane.stats().completed, 3)
  await Promise.all(tasks)
})

test.serial('wait: saturated and drain', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 1, overflow: 'wait' })
  const events = []
  for (const name of ['saturated', 'drain']) lane.on(name, () => events.push([name, lane.stats().completed]))
  const tasks = Array.from({ length: 6 }, () => nap(50, { lane }))
  await turn()
  t.deepEqual(events, [['saturated', 0]])
  await Promise.all(tasks)
  await turn()
  t.deepEqual(events.map(([name]) => name), ['saturated', 'drain'])
  t.true(events[1][1] >= 4, `drain after ${events[1][1]}`)
})

test.serial('wait: thousands', async (t) => {
  const lane = new Lane({ maxQueue: 4, overflow: 'wait' })
  const ends = await Promise.all(Array.from({ length: 5000 }, (_, i) => hash('crc32', `${i}`, { lane, inline: false })))
  t.deepEqual(ends, Array.from({ length: 5000 }, (_, i) => hashSync('crc32', `${i}`)))
  endedAs(t, lane, { completed: 5000 })
})

test.serial('wait: an input that is detached meanwhile is an error, not the digest of nothing', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: 'wait' })
  const release = await hold(t, lane)
  const data = new Uint8Array(1000)
  const task = reason(hash('sha256', data, { lane, inline: false }))
  const next = nap(0, { lane })
  structuredClone(data.buffer, { transfer: [data.buffer] })
  await release()
  const error = await task
  t.is(error?.code, 'ERR_INVALID_STATE')
  t.is(await next, '0')
  endedAs(t, lane, { completed: 1, aborted: 1, failed: 1 })
})

test.serial('wait: so is one that shrinks', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: 'wait' })
  const release = await hold(t, lane)
  const data = new ArrayBuffer(1000, { maxByteLength: 2000 })
  const task = reason(hash('sha256', data, { lane, inline: false }))
  data.resize(10)
  await release()
  t.is((await task)?.code, 'ERR_INVALID_STATE')
})

test.serial('wait: what is to be taken over is detached when the call returns', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: 'wait' })
  const release = await hold(t, lane)
  const data = new Uint8Array(1000).fill(7)
  const part = new Uint8Array(2000).fill(7).subarray(0, 1000)
  const tasks = [hash('sha256', data, { lane, inline: false, transfer: true }), hash('sha256', part, { lane, inline: false, transfer: true })]
  t.is(data.byteLength, 0)
  t.is(part.byteLength, 1000)
  await release()
  const wanted = hashSync('sha256', Buffer.alloc(1000, 7))
  t.deepEqual(await Promise.all(tasks), [wanted, wanted])
})

test.serial('wait: a key that is changed meanwhile is not the task\'s', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: 'wait' })
  const release = await hold(t, lane)
  const [one, two] = [Buffer.alloc(32, 1), new Uint8Array(32).fill(2)]
  const wanted = [await hmac('sha256', one, 'data', { inline: true }), hashSync('blake3', 'data', { key: two })]
  const tasks = [hmac('sha256', one, 'data', { lane, inline: false }), hash('blake3', 'data', { key: two, lane, inline: false })]
  one.fill(0)
  structuredClone(two.buffer, { transfer: [two.buffer] })
  await release()
  t.deepEqual(await Promise.all(tasks.map(outcome)), wanted.map((value) => ({ value })))
})

test.serial('wait: a path that is changed meanwhile is not the task\'s', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: 'wait' })
  const release = await hold(t, lane)
  const path = Buffer.from(process.execPath)
  const task = hashFile('crc32', path, { lane })
  path.fill('x')
  await release()
  t.is(await task, await hashFile('crc32', process.execPath))
})

test.serial('the default bounds: 1024 tasks and 256 MiB', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const release = await hold(t, lane)
  const controller = new AbortController()
  const options = { lane, signal: controller.signal }
  const tasks = Array.from({ length: 1024 }, () => reason(nap(0, options)))
  t.is((await reason(nap(0, { lane }))).code, 'ERR_LANE_FULL')
  controller.abort()
  await Promise.all(tasks)
  t.like(await reason(hash('md5', Buffer.alloc((256 << 20) + 1), { lane })), { code: 'ERR_TOO_LARGE', limit: 256 << 20 })
  await release()
})

test.serial('many lanes are full independently', async (t) => {
  if (runtime().runnerLimit < 2) return t.pass('needs two runners')
  const [one, two] = [new Lane({ concurrency: 1, maxQueue: 0 }), new Lane({ concurrency: 1, maxQueue: 0 })]
  const release = await hold(t, one)
  t.is((await reason(nap(0, { lane: one }))).code, 'ERR_LANE_FULL')
  t.is(await nap(0, { lane: two }), '0')
  await release()
  await one.idle()
})

test.serial('shed-oldest: what was dropped for a task that is refused after all is settled too', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 1, overflow: 'shed-oldest' })
  const release = await hold(t, lane)
  const dropped = reason(nap(0, { lane }))
  // Copying takes longer than its timeout: it is late only when room has been made for it.
  const late = reason(hash('sha256', Buffer.alloc(128 << 20), { lane, timeout: 1 }))
  t.is((await dropped).code, 'ERR_LANE_FULL')
  t.is((await late).code, 'ERR_TASK_TIMEOUT')
  await release()
  await lane.idle()
  t.is(lane.stats().queued, 0)
})

test.serial('small tasks that wait long keep no memory of others', async (t) => {
  const { status, stdout, stderr } = await child(`
    const rss = () => process.memoryUsage.rss() / 2 ** 20
    const [waiting, others] = [new Lane({ concurrency: 1 }), new Lane()]
    const [small, large] = [Buffer.alloc(600), Buffer.alloc(30_000)]
    const controller = new AbortController()
    ;(async () => {
      quiet(spin(60_000, { lane: waiting, signal: controller.signal }))
      await hash('crc32', large, { lane: others, inline: false })
      const before = rss()
      const tasks = []
      for (let i = 0; i < 600; i++) {
        tasks.push(hash('sha256', small, { lane: waiting, inline: false }))
        await Promise.all(Array.from({ length: 18 }, () => hash('crc32', large, { lane: others, inline: false })))
      }
      const more = rss() - before
      controller.abort()
      const digests = new Set(await Promise.all(tasks))
      console.log(JSON.stringify([more, digests.size, await hash('sha256', small, { inline: true }) === [...digests][0]]))
    })()
  `)
  t.is(status, 0, stderr)
  const [more, size, right] = JSON.parse(stdout)
  // A slab for each would be 300 MiB.
  t.true(more < 120, `${more} MiB more`)
  t.deepEqual([size, right], [1, true])
})

test.serial('nor does one of each burst', async (t) => {
  const { status, stdout, stderr } = await child(`
    const rss = () => process.memoryUsage.rss() / 2 ** 20
    const [waiting, others] = [new Lane({ concurrency: 1 }), new Lane({ concurrency: 1, maxQueue: 2000 })]
    const [small, large] = [Buffer.alloc(600), Buffer.alloc(30_000)]
    const controller = new AbortController()
    ;(async () => {
      quiet(spin(60_000, { lane: waiting, signal: controller.signal }))
      await hash('crc32', large, { lane: others, inline: false })
      const before = rss()
      const tasks = []
      for (let burst = 0; burst < 10; burst++) {
        // All of them wait when their slabs are full.
        const first = new AbortController()
        quiet(spin(60_000, { lane: others, signal: first.signal }))
        const all = []
        for (let i = 0; i < 1000; i++) {
          if (i % 17 === 0) tasks.push(hash('sha256', small, { lane: waiting, inline: false }))
          all.push(hash('crc32', large, { lane: others, inline: false }))
        }
        first.abort()
        await Promise.all(all)
      }
      const more = rss() - before
      controller.abort()
      const digests = new Set(await Promise.all(tasks))
      console.log(JSON.stringify([more, digests.size]))
    })()
  `)
  t.is(status, 0, stderr)
  const [more, size] = JSON.parse(stdout)
  // A slab for each would be 290 MiB.
  t.true(more < 190, `${more} MiB more`)
  t.is(size, 1)
})
