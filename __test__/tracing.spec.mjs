// diagnostics_channel.tracingChannel('sidelane:task'): every task, its events in order.
import { AsyncLocalStorage } from 'node:async_hooks'
import { channel as channelOf, tracingChannel } from 'node:diagnostics_channel'
import test from 'ava'
import { child } from './helpers/child.mjs'
import { Lane, createHash, fail, hash, hashMany, hashSync, hmac, hold, nap, numeric, panicInKernel, spin } from './helpers/sidelane.mjs'
import { reason, until } from './helpers/time.mjs'

const channel = tracingChannel('sidelane:task')
const NAMES = ['start', 'end', 'asyncStart', 'asyncEnd', 'error']
const OK = ['start', 'end', 'asyncStart', 'asyncEnd']
const NOT_OK = ['start', 'end', 'error', 'asyncStart', 'asyncEnd']

/** Records the events of each task, by its message. */
function record (t) {
  /** @type {Map<any, string[]>} */
  const tasks = new Map()
  const seen = []
  const subscribers = Object.fromEntries(NAMES.map((name) => [name, (message) => {
    if (!tasks.has(message)) tasks.set(message, [])
    tasks.get(message).push(name)
    seen.push({ name, ...message })
  }]))
  channel.subscribe(subscribers)
  const stop = () => channel.unsubscribe(subscribers)
  t.teardown(stop)
  return { tasks, seen, stop, only: () => [...tasks][0] }
}

test.serial('a result', async (t) => {
  const { only, tasks, seen } = record(t)
  const lane = new Lane({ name: 'traced', concurrency: 1 })
  const blocker = nap(30, { lane })
  tasks.clear()
  const data = Buffer.alloc(12_345)
  const digest = await hash('sha256', data, { lane, inline: false })
  const [message, events] = only()
  t.deepEqual(events, OK)
  t.like(message, { operation: 'hash', lane: 'traced', bytes: 12_345, outcome: 'completed', result: digest })
  t.false('error' in message)
  t.true(message.waitMs > 1 && message.waitMs < 5000, `waitMs ${message.waitMs}`)
  t.true(message.runMs > 0 && message.runMs < 5000, `runMs ${message.runMs}`)
  // Times are known at the end.
  for (const { name, outcome } of seen.filter((each) => each.bytes === 12_345)) t.is(outcome === undefined, name === 'start' || name === 'end', name)
  await blocker
})

test.serial('the time of the work', async (t) => {
  const { only } = record(t)
  await nap(30)
  t.true(only()[0].runMs >= 30 && only()[0].runMs < 5000, `${only()[0].runMs}`)
})

for (const [title, outcome, work] of [
  ['an error of its own', 'failed', () => fail()],
  ['a panic', 'failed', () => panicInKernel()],
  ['an abort while it runs', 'aborted', async () => {
    const lane = new Lane()
    const controller = new AbortController()
    const task = spin(20_000, { lane, signal: controller.signal })
    task.catch(() => {})
    await until(() => lane.stats().running === 1)
    controller.abort(new Error('why'))
    await task
  }],
  ['an abort before the call', 'aborted', () => nap(0, { signal: AbortSignal.abort() })],
  ['a timeout', 'timedOut', () => spin(20_000, { timeout: 10 })],
  ['a closed lane', 'rejected', async () => {
    const lane = new Lane()
    await lane.close()
    await nap(0, { lane })
  }],
  ['too large an input', 'rejected', () => hash('sha256', Buffer.alloc(100), { inline: false, lane: new Lane({ maxQueueBytes: 10 }) })]
]) {
  test.serial(title, async (t) => {
    const { only, tasks } = record(t)
    const error = await reason(work())
    t.true(error instanceof Error)
    t.is(tasks.size, 1)
    const [message, events] = only()
    t.deepEqual(events, NOT_OK)
    t.like(message, { outcome, error })
    t.false('result' in message)
    t.true(message.waitMs >= 0 && message.runMs >= 0)
    await Lane.default.idle()
  })
}

test.serial('a full lane, and one that is dropped for another', async (t) => {
  for (const [overflow, code] of [['reject', 'refused'], ['shed-oldest', 'dropped']]) {
    const lane = new Lane({ concurrency: 1, maxQueue: 1, overflow })
    const release = await hold(t, lane)
    const { tasks, stop } = record(t)
    const ends = [nap(0, { lane }, 7), nap(0, { lane }, 7)].map(reason)
    await Promise.race(ends)
    const [message, events] = [...tasks].find(([each]) => each.outcome !== undefined)
    t.deepEqual(events, NOT_OK, code)
    t.like(message, { outcome: 'rejected', operation: 'fault' })
    t.is(message.error.code, 'ERR_LANE_FULL')
    await release()
    await Promise.all(ends)
    stop()
  }
})

test.serial('a waiting task that is aborted: how long it waited', async (t) => {
  for (const overflow of ['reject', 'wait']) {
    const lane = new Lane({ concurrency: 1, maxQueue: overflow === 'wait' ? 0 : 10, overflow })
    const release = await hold(t, lane)
    const { only, stop } = record(t)
    const error = await reason(nap(0, { lane, signal: AbortSignal.timeout(40) }))
    t.like(only()[0], { outcome: 'aborted', error, runMs: 0 })
    t.true(only()[0].waitMs >= 35 && only()[0].waitMs < 5000, `${overflow}: ${only()[0].waitMs}`)
    await release()
    stop()
  }
})

test.serial('inline', async (t) => {
  const { tasks } = record(t)
  const found = [await hash('sha256', 'äx', { inline: true }), await hmac('sha256', 'key', Buffer.alloc(5), { inline: true })]
  const messages = [...tasks.keys()]
  t.deepEqual(messages.map(({ operation, lane, bytes, outcome, result, waitMs }) => ({ operation, lane, bytes, outcome, result, waitMs })), [
    { operation: 'hash', lane: null, bytes: 3, outcome: 'completed', result: found[0], waitMs: 0 },
    { operation: 'hmac', lane: null, bytes: 5, outcome: 'completed', result: found[1], waitMs: 0 }
  ])
  for (const [{ runMs }, events] of tasks) {
    t.deepEqual(events, OK)
    t.true(runMs >= 0 && runMs < 1000)
  }
})

test.serial('inline, and refused', async (t) => {
  const { tasks } = record(t)
  const closed = new Lane()
  await closed.close()
  const mine = new Error('mine')
  const errors = []
  for (const work of [(options) => hash('sha256', 'äx', options), (options) => hmac('sha256', 'key', 'abc', options), (options) => hashMany('sha256', ['a', 'bc'], options), (options) => numeric.describe(new Uint8Array(3), options)]) {
    errors.push(await reason(work({ signal: AbortSignal.abort(mine) })), await reason(work({ lane: closed })))
  }
  errors.push(await reason(hashMany('shake128', Array(2000).fill('a'), { outputLength: 1 << 20, encoding: 'packed' })))
  t.is(tasks.size, errors.length)
  for (const [index, [message, events]] of [...tasks].entries()) {
    t.deepEqual(events, NOT_OK)
    t.like(message, { lane: null, outcome: index % 2 === 0 && index < 8 ? 'aborted' : 'rejected', error: errors[index], waitMs: 0, runMs: 0 })
    t.is(message.bytes, index < 8 ? 3 : 2000)
    t.false('result' in message)
  }
})

test.serial('a stream\'s work', async (t) => {
  const { tasks } = record(t)
  const hasher = createHash('sha256')
  const data = Buffer.alloc(3 << 20)
  const ended = new Promise((resolve) => hasher.on('readable', resolve))
  hasher.end(data)
  await ended
  t.is(hasher.read().toString('hex'), hashSync('sha256', data))
  t.true(tasks.size > 0)
  for (const [{ operation, outcome }, events] of tasks) {
    t.is(operation, 'hash.update')
    t.is(outcome, 'completed')
    t.deepEqual(events, OK)
  }
})

test.serial('hundreds at once: each its own message, each event once', async (t) => {
  const { tasks } = record(t)
  await Promise.all(Array.from({ length: 500 }, (_, i) => i % 5 ? nap(0) : reason(fail())))
  t.is(tasks.size, 500)
  for (const [{ outcome }, events] of tasks) t.deepEqual(events, outcome === 'completed' ? OK : NOT_OK)
})

test.serial('each event alone has its subscribers', async (t) => {
  for (const name of NAMES) {
    let calls = 0
    const listener = () => { calls++ }
    // Not tracingChannel's subscribe: a tool may want one event only.
    const one = channelOf(`tracing:sidelane:task:${name}`)
    one.subscribe(listener)
    await reason(fail())
    one.unsubscribe(listener)
    t.is(calls, 1, name)
  }
})

test.serial('subscribed while tasks are under way, unsubscribed likewise', async (t) => {
  const before = nap(20)
  const { tasks, stop } = record(t)
  const during = nap(20)
  stop()
  t.deepEqual(await Promise.all([before, during]), ['0', '0'])
  t.is(tasks.size, 1)
})

test.serial('all events come in the context of the call', async (t) => {
  const storage = new AsyncLocalStorage()
  const lane = new Lane({ concurrency: 1, maxQueue: 10 })
  const release = await storage.run('holder', () => hold(t, lane))
  const stores = new Map()
  const subscribers = Object.fromEntries(NAMES.map((name) => [name, (message) => {
    if (!stores.has(message)) stores.set(message, [])
    stores.get(message).push(storage.getStore())
  }]))
  channel.subscribe(subscribers)
  t.teardown(() => channel.unsubscribe(subscribers))
  const controller = new AbortController()
  const tasks = [
    storage.run('caller', () => nap(0, { lane })),
    storage.run('caller', () => reason(fail({ lane }))),
    storage.run('caller', () => reason(nap(0, { lane, timeout: 20 }))),
    storage.run('caller', () => reason(nap(0, { lane, signal: controller.signal })))
  ]
  await tasks[2]
  storage.run('aborter', () => controller.abort())
  await release()
  await Promise.all(tasks)
  t.is(stores.size, 4)
  t.deepEqual([...stores.values()], [Array(4).fill('caller'), ...Array(3).fill(Array(5).fill('caller'))])
})

test.serial('a store that is bound to start is there in the other events', async (t) => {
  const storage = new AsyncLocalStorage()
  const spans = []
  channel.start.bindStore(storage, (message) => `span of ${message.operation}`)
  const subscribers = Object.fromEntries(NAMES.map((name) => [name, () => spans.push(storage.getStore())]))
  channel.subscribe(subscribers)
  t.teardown(() => {
    channel.start.unbindStore(storage)
    channel.unsubscribe(subscribers)
  })
  await nap(0)
  t.deepEqual(spans, Array(4).fill('span of fault'))
  t.is(storage.getStore(), undefined)
})

test.serial('what a subscriber throws is an uncaught exception, and no task is lost', async (t) => {
  for (const name of NAMES) {
    const { status, stdout, stderr } = await child(`
      const uncaught = []
      process.on('uncaughtException', (error) => uncaught.push(error.message))
      require('node:diagnostics_channel').channel('tracing:sidelane:task:${name}').subscribe(() => { throw new Error('broken') })
      Promise.allSettled([nap(1), fail(), hash('crc32', 'x', { inline: true })]).then((ends) => setTimeout(() => {
        console.log(JSON.stringify([ends.map(({ status }) => status), [...new Set(uncaught)]]))
      }, 5))`)
    t.is(status, 0, stderr)
    t.deepEqual(JSON.parse(stdout), [['fulfilled', 'rejected', 'fulfilled'], ['broken']], name)
  }
})

test.serial('a subscriber that submits tasks itself', async (t) => {
  let more = 3
  const late = []
  const subscribers = { asyncEnd: () => { if (more-- > 0) late.push(nap(0)) } }
  channel.subscribe(subscribers)
  t.is(await nap(0), '0')
  await until(() => late.length === 3)
  t.deepEqual(await Promise.all(late), ['0', '0', '0'])
  channel.unsubscribe(subscribers)
})
