// Which task runs when: priorities, aging, concurrency, and when a refused one should come again.
import test from 'ava'
import { Lane, hold, nap, runtime, spin } from './helpers/sidelane.mjs'
import { SLOW, reason, sleep, until } from './helpers/time.mjs'

test.serial('priority, then age', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const release = await hold(t, lane)
  const list = []
  const tasks = ['low', 'normal', 'high', 'low', undefined, 'high', 'normal'].map(async (priority, i) => {
    await nap(0, { lane, priority })
    list.push(`${priority ?? 'normal'} ${i}`)
  })
  await release()
  await Promise.all(tasks)
  t.deepEqual(list, ['high 2', 'high 5', 'normal 1', 'normal 4', 'normal 6', 'low 0', 'low 3'])
})

test.serial('priority: unknown ones', (t) => {
  t.throws(() => nap(0, { priority: 'urgent' }), { code: 'ERR_INVALID_ARG_VALUE', message: /options\.priority/ })
  t.throws(() => nap(0, { priority: 1 }), { code: 'ERR_INVALID_ARG_TYPE' })
})

test.serial('a waiting task gains a class in half a second', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const release = await hold(t, lane)
  const list = []
  const submit = async (label, priority) => {
    await nap(0, { lane, priority })
    list.push(label)
  }
  const tasks = [submit('old low', 'low')]
  await sleep(400)
  tasks.push(submit('young normal', 'normal'))
  await sleep(200)
  // Older by 600 ms than this one, a class is worth 500.
  tasks.push(submit('new normal', 'normal'), submit('new high', 'high'))
  await release()
  await Promise.all(tasks)
  t.deepEqual(list, ['new high', 'young normal', 'old low', 'new normal'])
})

test.serial('low is never starved: a stream of high tasks', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const low = { ended: false }
  const task = nap(0, { lane, priority: 'low' }).then(() => { low.ended = true })
  const end = performance.now() + 5000
  const user = async () => {
    while (!low.ended && performance.now() < end) await nap(5, { lane, priority: 'high' })
  }
  await Promise.all([task, user(), user(), user()])
  t.true(low.ended && performance.now() < end)
})

test.serial('concurrency bounds a lane', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  let most = 0
  const tasks = Array.from({ length: 8 }, () => nap(10, { lane }))
  const watch = setInterval(() => { most = Math.max(most, lane.stats().running) }, 1)
  await Promise.all(tasks)
  clearInterval(watch)
  t.is(most, 1)
})

test.serial('one lane at its bound does not hold up another', async (t) => {
  if (runtime().runnerLimit < 2) return t.pass('needs two runners')
  const lane = new Lane({ concurrency: 1 })
  const release = await hold(t, lane)
  const queued = nap(0, { lane })
  t.is(await nap(0), '0')
  await release()
  await queued
})

test.serial('without a bound of its own a lane uses all runners', async (t) => {
  const lane = new Lane()
  const { runnerLimit } = runtime()
  const tasks = Array.from({ length: runnerLimit * 2 }, () => nap(150, { lane }))
  await until(() => lane.stats().running === runnerLimit)
  t.is(runtime().runners, runnerLimit)
  await Promise.all(tasks)
  await until(() => runtime().runners === 0)
})

test.serial('retryAfterMs: the measured time of what waits and runs', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 10 })
  await Promise.all(Array.from({ length: 10 }, () => nap(20, { lane })))
  const tasks = Array.from({ length: 11 }, () => nap(20, { lane }))
  const { retryAfterMs } = await reason(nap(20, { lane }))
  t.true(retryAfterMs >= 180 && retryAfterMs < 600 * SLOW, `${retryAfterMs} ms for 11 tasks of 20 ms`)
  await Promise.all(tasks)
})

test.serial('retryAfterMs: nothing was measured yet', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0 })
  const release = await hold(t, lane)
  const { retryAfterMs } = await reason(nap(0, { lane }))
  t.true(retryAfterMs >= 1 && Number.isInteger(retryAfterMs), `${retryAfterMs}`)
  await release()
})

test.serial('the lane goes on while the loop is blocked', async (t) => {
  const lane = new Lane()
  const tasks = Array.from({ length: 10 }, () => spin(10, { lane }))
  const end = performance.now() + 600 * SLOW
  while (performance.now() < end);
  const { completed } = lane.stats()
  t.true(completed >= 3, `${completed} of 10 tasks of 10 ms ended in 600 ms`)
  await Promise.all(tasks)
})
