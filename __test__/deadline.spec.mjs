// Timeouts: kept on time, whatever the threads do, and without a timer per task.
import { createHook } from 'node:async_hooks'
import test from 'ava'
import { child } from './helpers/child.mjs'
import { Lane, TaskTimeoutError, endedAs, hash, hold, nap, runtime, spin } from './helpers/sidelane.mjs'
import { SLOW, block, isPending, outcome, reason, sleep, time, until, within } from './helpers/time.mjs'

/** How late a task with that timeout rejects. */
async function lateness (t, timeout, task) {
  const start = performance.now()
  const error = await reason(task())
  const ms = performance.now() - start
  t.is(error?.code, 'ERR_TASK_TIMEOUT')
  t.true(ms >= timeout - 1, `after ${ms} ms`)
  return ms - timeout
}

test.serial('a waiting task, while work that never polls has all threads', async (t) => {
  const lane = new Lane({ name: 'slow' })
  await within(t, 40, async () => {
    const blockers = Array.from({ length: runtime().runnerLimit }, () => nap(200, { lane }))
    await until(() => lane.stats().running === runtime().runnerLimit)
    const late = await lateness(t, 50, () => nap(0, { lane, timeout: 50 }))
    t.is(lane.stats().queued, 0)
    t.is(lane.stats().running, runtime().runnerLimit)
    await Promise.all(blockers)
    return late
  })
})

test.serial('the error', async (t) => {
  const lane = new Lane({ name: 'slow' })
  const error = await reason(spin(20_000, { lane, timeout: 5 }))
  t.true(error instanceof TaskTimeoutError)
  t.like(error, { name: 'TaskTimeoutError', code: 'ERR_TASK_TIMEOUT', statusCode: 504, retryable: true, lane: 'slow', timeout: 5 })
  t.regex(error.message, /5 ms/)
  await lane.idle()
  endedAs(t, lane, { timedOut: 1 })
})

test.serial('running work that polls, which stops', async (t) => {
  const lane = new Lane()
  await within(t, 40, () => lateness(t, 30, () => spin(20_000, { lane, timeout: 30 })))
  await within(t, 50, () => time(() => lane.idle()))
})

test.serial('running work stops at its deadline by itself, even while the loop is blocked', async (t) => {
  const lane = new Lane()
  const task = reason(spin(20_000, { lane, timeout: 50 }))
  block(600 * SLOW)
  t.is(lane.stats().running, 0)
  endedAs(t, lane, { timedOut: 1 })
  t.is((await task).code, 'ERR_TASK_TIMEOUT')
})

test.serial('running work that never polls: on time, and the slot stays taken', async (t) => {
  const lane = new Lane()
  await within(t, 40, async () => {
    const start = performance.now()
    const task = reason(nap(500, { lane, timeout: 150 }))
    await until(() => lane.stats().running === 1)
    t.is((await task)?.code, 'ERR_TASK_TIMEOUT')
    const late = performance.now() - start - 150
    t.is(lane.stats().running, 1)
    await lane.idle()
    return late
  })
})

test.serial('a task that could not be met is refused at once', async (t) => {
  const lane = new Lane({ name: 'busy', concurrency: 1 })
  await Promise.all(Array.from({ length: 10 }, () => nap(20, { lane })))
  const release = await hold(t, lane)
  const tasks = Array.from({ length: 10 }, () => nap(20, { lane }))
  const before = lane.stats()
  const error = await reason(nap(0, { lane, timeout: 50 }))
  t.like(error, { code: 'ERR_TASK_TIMEOUT', timeout: 50, lane: 'busy' })
  t.regex(error.message, /would have waited about \d+ ms/)
  t.is(lane.stats().timedOut, before.timedOut + 1)
  t.is(lane.stats().queued, 10)
  // Before the others, it can be.
  const high = nap(0, { lane, timeout: 20_000, priority: 'high' })
  await release()
  t.is(await high, '0')
  await Promise.all(tasks)
})

test.serial('the lane\'s timeout, and a task\'s own', async (t) => {
  const lane = new Lane({ timeout: 20 })
  t.like(await reason(spin(20_000, { lane })), { code: 'ERR_TASK_TIMEOUT', timeout: 20 })
  t.is(await nap(60, { lane, timeout: 20_000 }), '0')
  t.like(await reason(spin(20_000, { lane, timeout: 5 })), { timeout: 5 })
})

test.serial('an undefined timeout is the lane\'s', async (t) => {
  const lane = new Lane({ timeout: 20 })
  t.like(await reason(spin(20_000, { lane, timeout: undefined })), { code: 'ERR_TASK_TIMEOUT', timeout: 20 })
})

test.serial('values', async (t) => {
  for (const [timeout, code] of [[0, 'ERR_OUT_OF_RANGE'], [-1, 'ERR_OUT_OF_RANGE'], [NaN, 'ERR_OUT_OF_RANGE'], [Infinity, 'ERR_OUT_OF_RANGE'], [2 ** 31, 'ERR_OUT_OF_RANGE'], ['5', 'ERR_INVALID_ARG_TYPE'], [null, 'ERR_INVALID_ARG_TYPE'], [5n, 'ERR_INVALID_ARG_TYPE']]) {
    t.throws(() => nap(0, { timeout }), { code, message: /options\.timeout/ }, String(timeout))
  }
  t.is(await nap(0, { timeout: 2 ** 31 - 1 }), '0')
  t.is((await reason(nap(20, { timeout: Number.MIN_VALUE }))).code, 'ERR_TASK_TIMEOUT')
  t.is((await reason(nap(20, { timeout: 0.5 }))).code, 'ERR_TASK_TIMEOUT')
  await Lane.default.idle()
})

test.serial('the longest timeout does not keep a shorter one waiting, and causes no warning', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const warnings = []
  const warn = (warning) => warnings.push(warning.name)
  process.on('warning', warn)
  const release = await hold(t, lane)
  const [long, middle] = [2 ** 31 - 1, 10_000].map((timeout) => nap(0, { lane, timeout }))
  await within(t, 40, () => lateness(t, 20, () => nap(0, { lane, timeout: 20 })))
  t.true(await isPending(long) && await isPending(middle))
  await release()
  await Promise.all([long, middle])
  process.off('warning', warn)
  t.deepEqual(warnings, [])
})

test.serial('each deadline of many in its time', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const release = await hold(t, lane)
  await within(t, 30, async () => {
    const lates = await Promise.all(Array.from({ length: 200 }, (_, i) => lateness(t, 10 + (i * 37) % 100, () => nap(0, { lane, timeout: 10 + (i * 37) % 100 }))))
    return Math.max(...lates)
  })
  await release()
})

test.serial('thousands of deadlines take a few timers', async (t) => {
  let timers = 0
  const hook = createHook({ init: (_, type) => { if (type === 'Timeout') timers++ } }).enable()
  const lane = new Lane({ maxQueue: Infinity })
  await Promise.all(Array.from({ length: 5000 }, (_, i) => hash('crc32', 'x', { lane, inline: false, timeout: 60_000 + i })))
  for (let i = 0; i < 1000; i++) await hash('crc32', 'x', { lane, inline: false, timeout: 60_000 + i })
  hook.disable()
  t.true(timers <= 5, `${timers} timers`)
  t.false(process.getActiveResourcesInfo().includes('Timeout'))
})

test.serial('the first of signal and timeout', async (t) => {
  const one = await reason(spin(20_000, { timeout: 5000, signal: AbortSignal.timeout(10) }))
  t.is(one.name, 'TimeoutError')
  const two = await reason(spin(20_000, { timeout: 10, signal: AbortSignal.timeout(5000) }))
  t.is(two.code, 'ERR_TASK_TIMEOUT')
  await Lane.default.idle()
})

test.serial('past and not yet told, then aborted: one end', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const release = await hold(t, lane)
  const controller = new AbortController()
  const task = outcome(nap(0, { lane, timeout: 10, signal: controller.signal }))
  block(30)
  controller.abort('aborted')
  t.is((await task).error, 'aborted')
  await release()
  await lane.idle()
  endedAs(t, lane, { aborted: 2 })
})

test.serial('a waiting task whose deadline has passed is never run', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const release = await hold(t, lane)
  const task = reason(nap(0, { lane, timeout: 10 }))
  t.is((await task).code, 'ERR_TASK_TIMEOUT')
  await release()
  await lane.idle()
  t.is(lane.stats().runMs.count, 1)
})

test.serial('a process does not wait for a deadline', async (t) => {
  for (const code of [
    'hash("crc32", "x", { inline: false, timeout: 60_000 }).then((digest) => console.log(digest))',
    `const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: 'wait', timeout: 60_000 })
     nap(10, { lane }); nap(10, { lane }).then(() => console.log('8cdc1683'))`
  ]) {
    const { status, stdout, stderr, ms } = await child(code)
    t.is(status, 0, stderr)
    t.is(stdout, '8cdc1683')
    t.true(ms < 20_000, `${ms} ms`)
  }
})

test.serial('a process with nothing but a task and its deadline lives until that', async (t) => {
  const { status, stdout, stderr } = await child('spin(20_000, { timeout: 100 }).catch((error) => console.log(error.code))')
  t.is(status, 0, stderr)
  t.is(stdout, 'ERR_TASK_TIMEOUT')
})

test.serial('deadlines are kept after thousands of others', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: Infinity })
  const release = await hold(t, lane)
  const tasks = Array.from({ length: 5000 }, (_, i) => reason(nap(0, { lane, timeout: 1 + i % 20 })))
  for (const error of await Promise.all(tasks)) if (error?.code !== 'ERR_TASK_TIMEOUT') t.fail(String(error))
  await sleep(5)
  await within(t, 40, () => lateness(t, 10, () => nap(0, { lane, timeout: 10 })))
  await release()
  await lane.idle()
})

test.serial('a deadline costs the same however many others are far', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 10, overflow: 'wait' })
  const other = new Lane({ concurrency: 1 })
  const controller = new AbortController()
  const [release, releaseOther] = [await hold(t, lane), await hold(t, other)]
  /** Milliseconds for which the loop is busy while 100 tasks time out one after the other. */
  const busy = async () => {
    const before = performance.eventLoopUtilization()
    for (let i = 0; i < 100; i++) t.is((await reason(nap(0, { lane: other, timeout: 1 })))?.code, 'ERR_TASK_TIMEOUT')
    return performance.eventLoopUtilization(before).active
  }
  const alone = Math.min(await busy(), await busy(), await busy())
  const waiting = Array.from({ length: 200_000 }, (_, i) => reason(nap(0, { lane, timeout: 60_000 + i, signal: controller.signal })))
  const among = Math.min(await busy(), await busy(), await busy())
  // A look at each of them took 20 times as long.
  t.true(among < 5 * alone + 10, `${among} ms among many, ${alone} ms alone`)
  controller.abort()
  await Promise.all(waiting)
  await Promise.all([release(), releaseOther()])
  await lane.idle()
})

test.serial('deadlines in any order, many of which settle before', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: Infinity })
  const release = await hold(t, lane)
  const ends = []
  const controller = new AbortController()
  const begun = performance.now()
  const tasks = Array.from({ length: 2000 }, (_, i) => {
    const timeout = 20 + (i * 7919) % 180
    // Three of four are aborted: those are swept out.
    const signal = i % 4 > 0 ? controller.signal : undefined
    return reason(nap(0, { lane, timeout, signal })).then((error) => { if (error !== 'aborted') ends.push([error?.code, timeout]) })
  })
  controller.abort('aborted')
  const spent = performance.now() - begun
  await Promise.all(tasks)
  t.is(ends.length, 500)
  t.true(ends.every(([code]) => code === 'ERR_TASK_TIMEOUT'))
  // A later call's deadline is later by what the calls between took.
  const disorder = ends.slice(1).map(([, timeout], i) => ends[i][1] - timeout)
  t.true(Math.max(...disorder) <= spent, String(Math.max(...disorder)))
  await release()
  await lane.idle()
  endedAs(t, lane, { aborted: 1501, timedOut: 500 })
})
