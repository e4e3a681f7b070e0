// class Lane: options, stats, events, idle and close.
import { AsyncLocalStorage } from 'node:async_hooks'
import { createRequire } from 'node:module'
import test from 'ava'
import { child } from './helpers/child.mjs'
import { Lane, LaneClosedError, LaneFullError, hash, hold, ended, endedAs, fail, nap, native, panicInKernel, run, readTaskOptions, spin } from './helpers/sidelane.mjs'
import { SLOW, collect, isPending, outcome, reason, sleep, time, turn, until } from './helpers/time.mjs'

const { stateOf } = createRequire(import.meta.url)('../lib/lane.js')

/** Counts events. */
function listen (lane) {
  const events = []
  for (const name of ['saturated', 'drain']) lane.on(name, () => events.push(name))
  return events
}

test.serial('names', (t) => {
  const [one, two] = [new Lane(), new Lane()]
  t.regex(one.name, /^lane-\d+$/)
  t.not(one.name, two.name)
  t.is(new Lane({ name: 'uploads' }).name, 'uploads')
  t.is(Lane.default.name, 'default')
  t.throws(() => { one.name = 'other' }, { instanceOf: TypeError })
  t.throws(() => { Lane.default = one }, { instanceOf: TypeError })
})

for (const [title, options, code, text] of [
  ['null', null, 'ERR_INVALID_ARG_TYPE', '"options"'],
  ['an array', [], 'ERR_INVALID_ARG_TYPE', '"options"'],
  ['a string', 'uploads', 'ERR_INVALID_ARG_TYPE', '"options"'],
  ['name of type number', { name: 1 }, 'ERR_INVALID_ARG_TYPE', '"options.name"'],
  ['name null', { name: null }, 'ERR_INVALID_ARG_TYPE', '"options.name"'],
  ['concurrency 0', { concurrency: 0 }, 'ERR_OUT_OF_RANGE', '"options.concurrency"'],
  ['concurrency 1.5', { concurrency: 1.5 }, 'ERR_OUT_OF_RANGE', '"options.concurrency"'],
  ['concurrency "2"', { concurrency: '2' }, 'ERR_INVALID_ARG_TYPE', '"options.concurrency"'],
  ['concurrency NaN', { concurrency: NaN }, 'ERR_OUT_OF_RANGE', '"options.concurrency"'],
  ['concurrency 2n', { concurrency: 2n }, 'ERR_INVALID_ARG_TYPE', '"options.concurrency"'],
  ['maxQueue -1', { maxQueue: -1 }, 'ERR_OUT_OF_RANGE', '"options.maxQueue"'],
  ['maxQueue -Infinity', { maxQueue: -Infinity }, 'ERR_OUT_OF_RANGE', '"options.maxQueue"'],
  ['maxQueue 2 ** 53', { maxQueue: 2 ** 53 }, 'ERR_OUT_OF_RANGE', '"options.maxQueue"'],
  ['maxQueueBytes -1', { maxQueueBytes: -1 }, 'ERR_OUT_OF_RANGE', '"options.maxQueueBytes"'],
  ['maxQueueBytes true', { maxQueueBytes: true }, 'ERR_INVALID_ARG_TYPE', '"options.maxQueueBytes"'],
  ['timeout 0', { timeout: 0 }, 'ERR_OUT_OF_RANGE', '"options.timeout"'],
  ['timeout -1', { timeout: -1 }, 'ERR_OUT_OF_RANGE', '"options.timeout"'],
  ['timeout NaN', { timeout: NaN }, 'ERR_OUT_OF_RANGE', '"options.timeout"'],
  ['timeout Infinity', { timeout: Infinity }, 'ERR_OUT_OF_RANGE', '"options.timeout"'],
  ['timeout 2 ** 31', { timeout: 2 ** 31 }, 'ERR_OUT_OF_RANGE', '"options.timeout"'],
  ['timeout "1"', { timeout: '1' }, 'ERR_INVALID_ARG_TYPE', '"options.timeout"'],
  ['overflow drop', { overflow: 'drop' }, 'ERR_INVALID_ARG_VALUE', '"options.overflow"'],
  ['overflow 1', { overflow: 1 }, 'ERR_INVALID_ARG_TYPE', '"options.overflow"']
]) {
  test.serial(`options: ${title}`, (t) => {
    const error = t.throws(() => new Lane(options), { code })
    t.true(error.message.includes(text), error.message)
  })
}

test.serial('options: the bounds of their ranges, and undefined for the default', async (t) => {
  for (const options of [
    undefined, {}, { name: '' }, { concurrency: Infinity, maxQueue: Infinity, maxQueueBytes: Infinity }, { timeout: 2 ** 31 - 1 }, { timeout: 0.5 },
    { concurrency: Number.MAX_SAFE_INTEGER, maxQueue: Number.MAX_SAFE_INTEGER, maxQueueBytes: Number.MAX_SAFE_INTEGER },
    { name: undefined, concurrency: undefined, maxQueue: undefined, maxQueueBytes: undefined, timeout: undefined, overflow: undefined }
  ]) {
    const lane = new Lane(options)
    if (options?.timeout !== 0.5) t.is(await nap(0, { lane }), '0')
  }
  t.pass()
})

test.serial('a task\'s lane must be one', (t) => {
  for (const lane of [null, {}, 'default', Lane]) t.throws(() => hash('sha256', 'x', { lane }), { code: 'ERR_INVALID_ARG_TYPE', message: /"options\.lane"/ })
})

test.serial('stats of a lane that did nothing are all zero', (t) => {
  const zero = { count: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 }
  t.deepEqual(new Lane().stats(), { queued: 0, queuedBytes: 0, running: 0, ...ended({ completed: 0, failed: 0, aborted: 0, timedOut: 0, rejected: 0 }), waitMs: zero, runMs: zero })
})

test.serial('stats: queued, queuedBytes and running are of now', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const release = await hold(t, lane)
  const tasks = [nap(0, { lane }, 100), nap(0, { lane }, 23), hash('sha256', Buffer.alloc(1000), { lane, inline: false })]
  const { queued, queuedBytes, running } = lane.stats()
  t.deepEqual({ queued, queuedBytes, running }, { queued: 3, queuedBytes: 1123, running: 1 })
  await release()
  await Promise.all(tasks)
  const after = lane.stats()
  t.deepEqual([after.queued, after.queuedBytes, after.running], [0, 0, 0])
  endedAs(t, lane, { completed: 3, aborted: 1 })
})

test.serial('stats: each task is counted once, by how it ended', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 6 })
  const release = await hold(t, lane)
  const aborted = new AbortController()
  const tasks = [
    nap(0, { lane }), nap(0, { lane }), fail({ lane }), panicInKernel({ lane }),
    nap(0, { lane, signal: aborted.signal }),
    nap(0, { lane, timeout: 5 }),
    nap(0, { lane }),
    nap(0, { lane, signal: AbortSignal.abort() })
  ].map(reason)
  aborted.abort()
  await sleep(20)
  await release()
  const codes = (await Promise.all(tasks)).map((error) => error?.code ?? error)
  t.deepEqual(codes, [undefined, undefined, 'ERR_INVALID_ARG_VALUE', 'ERR_INTERNAL', 20, 'ERR_TASK_TIMEOUT', 'ERR_LANE_FULL', 20])
  endedAs(t, lane, { completed: 2, failed: 2, aborted: 3, timedOut: 1, rejected: 1 })
})

test.serial('stats: work that ends after its promise was rejected counts as the promise ended', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const controller = new AbortController()
  // It never polls, and so comes to a result.
  const task = reason(nap(100, { lane, signal: controller.signal }))
  await until(() => lane.stats().running === 1)
  controller.abort()
  t.is(await task, controller.signal.reason)
  await lane.idle()
  endedAs(t, lane, { aborted: 1 })
  t.is((await reason(nap(100, { lane, timeout: 10 })))?.code, 'ERR_TASK_TIMEOUT')
  await lane.idle()
  endedAs(t, lane, { aborted: 1, timedOut: 1 })
})

test.serial('stats: work that had ended when its promise was rejected counts as the promise ended', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const controller = new AbortController()
  const task = reason(nap(0, { lane, signal: controller.signal }))
  await Promise.resolve()
  // It ends while the loop does not turn.
  while (lane.stats().completed < 1);
  controller.abort()
  t.is(await task, controller.signal.reason)
  await lane.idle()
  endedAs(t, lane, { aborted: 1 })
})

test.serial('stats: a result that could not be converted counts as failed', async (t) => {
  const lane = new Lane()
  const FAULT = { name: 'fault', submit: native.submitFault }
  const refuse = () => { throw new Error('not convertible') }
  t.is((await reason(run(FAULT, readTaskOptions({ lane }), undefined, false, refuse, 1, 0, 0))).message, 'not convertible')
  await lane.idle()
  endedAs(t, lane, { failed: 1 })
})

test.serial('a lane takes the place of one that is gone', async (t) => {
  const open = () => native.openLane(1, 1, 1, 0)
  const [one, two] = [open(), open()]
  native.dropLane(one)
  native.dropLane(two)
  native.dropLane(two)
  t.deepEqual([open(), open()].toSorted((a, b) => a - b), [one, two].toSorted((a, b) => a - b))
  t.false([one, two].includes(open()))
})

for (const overflow of ['reject', 'shed-oldest', 'shed-lowest', 'wait']) {
  test.serial(`stats: completed + failed + aborted + timedOut + rejected = submitted, under '${overflow}'`, async (t) => {
    const lane = new Lane({ maxQueue: 8, maxQueueBytes: 4000, overflow })
    const controllers = []
    const tasks = Array.from({ length: 400 }, (_, i) => {
      const options = { lane, priority: ['high', 'normal', 'low'][i % 3] }
      if (i % 5 === 0) options.timeout = 1 + i % 7
      if (i % 7 === 0) {
        controllers.push(new AbortController())
        options.signal = controllers.at(-1).signal
      }
      return outcome(i % 11 === 0 ? fail(options) : spin(0.2, options, i * 10))
    })
    setTimeout(() => controllers.forEach((controller) => controller.abort()), 5)
    const ends = await Promise.all(tasks)
    t.is(ends.length, 400)
    await lane.idle()
    const counted = ended(lane.stats())
    t.is(Object.values(counted).reduce((sum, each) => sum + each), 400, JSON.stringify(counted))
    if (overflow === 'wait') t.is(counted.rejected, 0)
    const { queued, queuedBytes, running } = lane.stats()
    t.deepEqual([queued, queuedBytes, running], [0, 0, 0])
  })
}

test.serial('histograms: what was waited and what was run', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  await Promise.all(Array.from({ length: 5 }, () => nap(20, { lane })))
  const { waitMs, runMs } = lane.stats()
  t.is(runMs.count, 5)
  t.is(waitMs.count, 5)
  for (const name of ['mean', 'p50', 'p90', 'p99', 'max']) t.true(runMs[name] >= 20 && runMs[name] < 300 * SLOW, `runMs.${name} ${runMs[name]}`)
  // They waited 0, 20, 40, 60 and 80 ms.
  t.true(waitMs.p50 >= 38 && waitMs.p50 < 600 * SLOW, `p50 ${waitMs.p50}`)
  t.true(waitMs.max >= 80 && waitMs.max < 1200 * SLOW, `max ${waitMs.max}`)
  for (const each of [waitMs, runMs]) t.true(each.p50 <= each.p90 && each.p90 <= each.p99 && each.p99 <= each.max)
})

test.serial('saturated and drain come once per edge', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 1 })
  const events = listen(lane)
  for (let round = 1; round <= 2; round++) {
    const release = await hold(t, lane)
    const queued = nap(0, { lane })
    for (let i = 0; i < 5; i++) await t.throwsAsync(nap(0, { lane }), { instanceOf: LaneFullError })
    await turn()
    t.is(events.join(), Array(round).fill('saturated').join(',drain,'))
    await release()
    await queued
    await turn()
    t.is(events.join(), Array(round).fill('saturated,drain').join())
  }
})

test.serial('saturated comes soon, never inside the call', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0 })
  const events = listen(lane)
  const release = await hold(t, lane)
  const refused = reason(nap(0, { lane }))
  t.is(events.length, 0)
  await refused
  await turn()
  t.deepEqual(events, ['saturated'])
  await release()
})

test.serial('drain waits until the queue is empty', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 2 })
  const events = listen(lane)
  const release = await hold(t, lane)
  const controller = new AbortController()
  const tasks = [nap(0, { lane, signal: controller.signal }), spin(20_000, { lane, signal: controller.signal }), nap(0, { lane })]
  await t.throwsAsync(tasks.pop(), { code: 'ERR_LANE_FULL' })
  await release()
  await tasks[0]
  await until(() => lane.stats().running === 1)
  // Soon, not with the end of the task that left the queue last.
  await until(() => events.length === 2, 'drain', 1000 * SLOW)
  t.deepEqual(events, ['saturated', 'drain'])
  controller.abort()
  await reason(tasks[1])
  await lane.idle()
})

test.serial('drain comes too when what waited was aborted', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 1 })
  const events = listen(lane)
  const release = await hold(t, lane)
  const controller = new AbortController()
  const waiting = reason(nap(0, { lane, signal: controller.signal }))
  await reason(nap(0, { lane }))
  controller.abort()
  await waiting
  await turn()
  t.deepEqual(events, ['saturated', 'drain'])
  await release()
})

test.serial('no event without saturation', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 10 })
  const events = listen(lane)
  await Promise.all(Array.from({ length: 10 }, () => nap(0, { lane })))
  await turn()
  t.deepEqual(events, [])
})

test.serial('events come in the async context of the call that saturated the lane', async (t) => {
  const storage = new AsyncLocalStorage()
  const lane = new Lane({ concurrency: 1, maxQueue: 1 })
  const seen = []
  for (const name of ['saturated', 'drain']) lane.on(name, () => seen.push([name, storage.getStore()]))
  const release = await storage.run('holder', () => hold(t, lane))
  const queued = storage.run('queued', () => nap(0, { lane }))
  await storage.run('refused', () => reason(nap(0, { lane })))
  await release()
  await queued
  await turn()
  t.deepEqual(seen, [['saturated', 'refused'], ['drain', 'refused']])
})

test.serial('what a listener throws is an uncaught exception, and no task is lost', async (t) => {
  const { stdout, status, stderr } = await child(`
    const lane = new Lane({ concurrency: 1, maxQueue: 2 })
    const uncaught = []
    process.on('uncaughtException', (error) => uncaught.push(error.message))
    lane.on('saturated', () => { throw new Error('in saturated') })
    lane.on('drain', () => { throw new Error('in drain') })
    const tasks = Array.from({ length: 6 }, () => nap(50, { lane }).then(() => 'done', (error) => error.code))
    Promise.all(tasks).then(async (ends) => {
      await sleep(10)
      console.log(JSON.stringify({ ends, uncaught, after: await nap(0, { lane }) }))
    })`)
  t.is(status, 0, stderr)
  t.deepEqual(JSON.parse(stdout), { ends: ['done', 'done', 'done', ...Array(3).fill('ERR_LANE_FULL')], uncaught: ['in saturated', 'in drain'], after: '0' })
})

test.serial('idle: at once, or when the last task has ended', async (t) => {
  const lane = new Lane()
  await lane.idle()
  const tasks = [nap(100, { lane }), nap(1, { lane }), fail({ lane }).catch(() => {})]
  const [one, two] = [lane.idle(), lane.idle()]
  t.true(await isPending(one))
  await Promise.all([one, two])
  t.is(lane.stats().running + lane.stats().queued, 0)
  await Promise.all(tasks)
  await lane.idle()
})

test.serial('idle: an aborted task counts until it has really stopped', async (t) => {
  const lane = new Lane()
  const controller = new AbortController()
  const task = nap(200, { lane, signal: controller.signal })
  await until(() => lane.stats().running === 1)
  controller.abort()
  t.is((await reason(task)).name, 'AbortError')
  const idle = lane.idle()
  t.true(await isPending(idle))
  await idle
  t.is(lane.stats().running, 0)
})

test.serial('close refuses what is new, and finishes what is there', async (t) => {
  const lane = new Lane({ name: 'closing', concurrency: 1 })
  const tasks = [nap(100, { lane }), nap(0, { lane })]
  const closed = lane.close()
  const error = await reason(nap(0, { lane }))
  t.true(error instanceof LaneClosedError)
  t.like(error, { code: 'ERR_LANE_CLOSED', statusCode: 503, retryable: false, lane: 'closing', name: 'LaneClosedError' })
  t.true(await isPending(closed))
  await closed
  t.deepEqual(await Promise.all(tasks), ['0', '0'])
  endedAs(t, lane, { completed: 2, rejected: 1 })
  await lane.close()
  await t.throwsAsync(nap(0, { lane }), { code: 'ERR_LANE_CLOSED' })
})

test.serial('close: an aborted signal is told before a closed lane', async (t) => {
  const lane = new Lane()
  await lane.close()
  t.is(await reason(nap(0, { lane, signal: AbortSignal.abort('mine') })), 'mine')
})

test.serial('close({ timeout }) cancels what is left, and resolves when it has stopped', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const running = reason(nap(300, { lane }))
  const queued = reason(nap(0, { lane }))
  await until(() => lane.stats().running === 1)
  const closed = lane.close({ timeout: 20 })
  for (const error of await Promise.all([running, queued])) t.like(error, { code: 'ERR_LANE_CLOSED', name: 'LaneClosedError' })
  t.is(lane.stats().running, 1)
  await closed
  t.is(lane.stats().running, 0)
  endedAs(t, lane, { aborted: 2 })
})

test.serial('close({ timeout }) that is not needed does nothing, and leaves no timer', async (t) => {
  const lane = new Lane()
  const task = nap(1, { lane })
  await lane.close({ timeout: 60_000 })
  t.is(await task, '0')
  t.false(process.getActiveResourcesInfo().includes('Timeout'))
})

test.serial('close({ timeout: 0 }) cancels at once', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const tasks = [spin(20_000, { lane }), spin(20_000, { lane })].map(reason)
  await until(() => lane.stats().running === 1)
  t.true(await time(() => lane.close({ timeout: 0 })) < 3000 * SLOW)
  for (const error of await Promise.all(tasks)) t.is(error.code, 'ERR_LANE_CLOSED')
  endedAs(t, lane, { aborted: 2 })
})

test.serial('close ends no other lane\'s tasks', async (t) => {
  const [lane, other] = [new Lane(), new Lane({ concurrency: 1 })]
  const tasks = [nap(50, { lane: other }), nap(0, { lane: other }), nap(0)]
  await lane.close({ timeout: 0 })
  t.deepEqual(await Promise.all(tasks), ['0', '0', '0'])
})

test.serial('close: a second one may be less patient', async (t) => {
  const lane = new Lane()
  const task = reason(spin(20_000, { lane }))
  const first = lane.close()
  await lane.close({ timeout: 1 })
  await first
  t.is((await task).code, 'ERR_LANE_CLOSED')
})

test.serial('close: wrong arguments, which close nothing', async (t) => {
  const lane = new Lane()
  for (const [options, code] of [[null, 'ERR_INVALID_ARG_TYPE'], [5, 'ERR_INVALID_ARG_TYPE'], [{ timeout: '1' }, 'ERR_INVALID_ARG_TYPE'], [{ timeout: -1 }, 'ERR_OUT_OF_RANGE'], [{ timeout: NaN }, 'ERR_OUT_OF_RANGE'], [{ timeout: 2 ** 31 }, 'ERR_OUT_OF_RANGE']]) {
    t.throws(() => lane.close(options), { code })
  }
  t.is(await nap(0, { lane }), '0')
})

test.serial('the default lane cannot be closed', async (t) => {
  await t.throwsAsync(async () => Lane.default.close(), { code: 'ERR_INVALID_STATE' })
  await t.throwsAsync(async () => Lane.default.close({ timeout: 0 }), { code: 'ERR_INVALID_STATE' })
  t.is(await nap(0), '0')
})

test.serial('Symbol.asyncDispose cancels what is left', async (t) => {
  const lane = new Lane()
  const task = reason(spin(20_000, { lane }))
  await lane[Symbol.asyncDispose]()
  t.is((await task).code, 'ERR_LANE_CLOSED')
  t.is(lane.stats().running, 0)
})

test.serial('an operation that throws at its submission leaves nothing behind', async (t) => {
  const lane = new Lane()
  const broken = { name: 'broken', submit () { throw new RangeError('broken') } }
  const options = { lane, timeout: 10_000, signal: new AbortController().signal }
  await t.throwsAsync(run(broken, readTaskOptions(options), undefined, false, undefined), { message: 'broken' })
  endedAs(t, lane, { failed: 1 })
  await lane.idle()
  t.is(await nap(0, { lane }), '0')
})

test.serial('a result that cannot be made is that task\'s error only', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const operation = { name: 'fault', submit: (...args) => nativeFault(...args) }
  const broken = run(operation, readTaskOptions({ lane }), undefined, false, () => { throw new RangeError('broken') }, 1, 1, 0)
  const others = [nap(0, { lane }), nap(0, { lane })]
  await t.throwsAsync(broken, { message: 'broken' })
  t.deepEqual(await Promise.all(others), ['0', '0'])
})

const { native: { submitFault: nativeFault } } = createRequire(import.meta.url)('../lib/native.js')

test.serial('a lane that nobody refers to gives its handle back', async (t) => {
  const use = async () => {
    const lanes = Array.from({ length: 100 }, () => new Lane())
    await Promise.all(lanes.map((lane) => nap(0, { lane })))
    return Math.max(...lanes.map((lane) => stateOf(lane).handle))
  }
  const first = await use()
  let last = 0
  for (let round = 0; round < 5; round++) {
    await collect()
    last = await use()
  }
  t.true(last < first + 150, `handle ${last} after 600 lanes, ${first} after 100`)
})

test.serial('a lane with work lives until the work has ended', async (t) => {
  let events = 0
  const start = () => {
    const lane = new Lane({ concurrency: 1, maxQueue: 1 })
    lane.on('drain', () => { events++ })
    return [nap(50, { lane }), nap(0, { lane }), reason(nap(0, { lane }))]
  }
  const tasks = start()
  await collect()
  t.deepEqual((await Promise.all(tasks)).slice(0, 2), ['0', '0'])
  await turn()
  t.is(events, 1)
})
