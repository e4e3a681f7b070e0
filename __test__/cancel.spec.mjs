// AbortSignals: what they end, when, and what they leave behind.
import { getEventListeners } from 'node:events'
import test from 'ava'
import { Lane, endedAs, fail, hash, hashSync, hold, nap, spin } from './helpers/sidelane.mjs'
import { collect, isPending, outcome, reason, time, turn, until, within } from './helpers/time.mjs'

const listeners = (signal) => getEventListeners(signal, 'abort').length

test.serial('aborted before the call', async (t) => {
  const lane = new Lane()
  const why = new Error('why')
  const data = new Uint8Array(100_000)
  t.is(await reason(hash('sha256', data, { lane, transfer: true, signal: AbortSignal.abort(why) })), why)
  t.is(data.byteLength, 100_000)
  t.is(await reason(hash('sha256', 'x', { lane, signal: AbortSignal.abort(why) })), why)
  const signal = AbortSignal.abort()
  t.is(await reason(nap(0, { lane, signal })), signal.reason)
  t.is(signal.reason.name, 'AbortError')
  t.is(lane.stats().runMs.count, 0)
})

test.serial('the reason is passed on as it is', async (t) => {
  for (const why of [null, 0, '', 'text', Symbol('why'), { code: 1 }, new Error('why')]) {
    const controller = new AbortController()
    const task = reason(nap(20, { signal: controller.signal }))
    controller.abort(why)
    t.is(await task, why)
  }
  await Lane.default.idle()
})

test.serial('a signal without a reason, as in old polyfills: an AbortError', async (t) => {
  const polyfill = () => {
    const target = new EventTarget()
    return Object.assign(target, { aborted: false, abort () { target.aborted = true; target.dispatchEvent(new Event('abort')) } })
  }
  const [before, waiting] = [polyfill(), polyfill()]
  before.abort()
  const tasks = [nap(0, { signal: before }), hash('md5', 'x', { signal: before }), nap(20, { signal: waiting })]
  waiting.abort()
  for (const task of tasks) t.like(await reason(task), { name: 'AbortError', message: 'This operation was aborted' })
  await Lane.default.idle()
})

test.serial('aborted in the tick of the call', async (t) => {
  const lane = new Lane()
  const controller = new AbortController()
  const task = outcome(nap(50, { lane, signal: controller.signal }))
  controller.abort()
  t.is((await task).error, controller.signal.reason)
  await lane.idle()
  const { completed, aborted } = lane.stats()
  t.is(completed + aborted, 1)
})

test.serial('aborted after the end: nothing happens', async (t) => {
  const lane = new Lane()
  const controller = new AbortController()
  t.is(await nap(0, { lane, signal: controller.signal }), '0')
  t.is(listeners(controller.signal), 0)
  controller.abort()
  await turn()
  endedAs(t, lane, { completed: 1 })
})

test.serial('a waiting task goes at once', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const release = await hold(t, lane)
  const controller = new AbortController()
  const task = reason(nap(0, { lane, signal: controller.signal }, 1 << 20))
  const next = nap(0, { lane })
  t.is(lane.stats().queued, 2)
  controller.abort()
  t.deepEqual([lane.stats().queued, lane.stats().queuedBytes], [1, 0])
  t.is(await task, controller.signal.reason)
  endedAs(t, lane, { aborted: 1 })
  await release()
  t.is(await next, '0')
  t.is(lane.stats().runMs.count, 2)
})

test.serial('running work that polls stops within milliseconds', async (t) => {
  const lane = new Lane()
  await within(t, 30, async () => {
    const controller = new AbortController()
    const task = reason(spin(20_000, { lane, signal: controller.signal }))
    await until(() => lane.stats().running === 1)
    controller.abort()
    const start = performance.now()
    while (lane.stats().running > 0 && performance.now() < start + 5000);
    const ms = performance.now() - start
    t.is(await task, controller.signal.reason)
    return ms
  }, 10)
})

for (const algorithm of ['sha256', 'sha3-512', 'blake3', 'xxh3-64', 'crc32']) {
  test.serial(`a running ${algorithm} of 1 GiB stops within milliseconds`, async (t) => {
    const lane = new Lane({ maxQueueBytes: Infinity })
    // The bench says how many; here it is only told from work that does not poll.
    await within(t, 30, async () => {
      const controller = new AbortController()
      // Pages that nobody has touched are all one page: memory for it is not needed.
      const task = outcome(hash(algorithm, new Uint8Array(1 << 30), { lane, signal: controller.signal, transfer: true, inline: false }))
      while (lane.stats().running === 0 && lane.stats().completed === 0) await turn()
      controller.abort()
      const start = performance.now()
      while (lane.stats().running > 0 && performance.now() < start + 5000);
      const ms = performance.now() - start
      t.is((await task).error?.name, 'AbortError')
      return ms
    }, 10)
  })
}

test.serial('running work that never polls: the promise ends at once, the slot when the work does', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const controller = new AbortController()
  const task = nap(400, { lane, signal: controller.signal })
  await until(() => lane.stats().running === 1)
  const next = nap(0, { lane })
  const ms = await time(async () => {
    controller.abort()
    t.is(await reason(task), controller.signal.reason)
  })
  t.true(ms < 200, `${ms} ms`)
  t.is(lane.stats().running, 1)
  t.true(await isPending(next))
  t.is(await next, '0')
})

test.serial('a task with an error of its own', async (t) => {
  const controller = new AbortController()
  t.is((await reason(fail({ signal: controller.signal }))).code, 'ERR_INVALID_ARG_VALUE')
  t.is(listeners(controller.signal), 0)
})

test.serial('one signal on 10,000 tasks: one listener, one end each', async (t) => {
  const lane = new Lane({ maxQueue: Infinity })
  const controller = new AbortController()
  const { signal } = controller
  let ends = 0
  const tasks = Array.from({ length: 10_000 }, () => reason(spin(20_000, { lane, signal })).finally(() => { ends++ }))
  t.is(listeners(signal), 1)
  controller.abort()
  t.true((await Promise.all(tasks)).every((each) => each === signal.reason))
  t.is(listeners(signal), 0)
  await lane.idle()
  await turn()
  t.is(ends, 10_000)
  endedAs(t, lane, { aborted: 10_000 })
})

test.serial('10,000 queued and running tasks aborted at once settle in 150 ms', async (t) => {
  await within(t, 150, async () => {
    const lane = new Lane({ maxQueue: Infinity })
    const controllers = Array.from({ length: 10 }, () => new AbortController())
    const tasks = Array.from({ length: 10_000 }, (_, i) => reason(spin(20_000, { lane, signal: controllers[i % 10].signal })))
    await until(() => lane.stats().running > 0)
    return time(async () => {
      for (const controller of controllers) controller.abort()
      await Promise.all(tasks)
    })
  })
})

test.serial('the memory of 10,000 aborted tasks comes back', async (t) => {
  const rss = () => process.memoryUsage.rss() / 2 ** 20
  const lane = new Lane({ concurrency: 1, maxQueue: Infinity, maxQueueBytes: Infinity })
  const data = Buffer.alloc(20_000, 1)
  const round = async () => {
    const before = rss()
    const controller = new AbortController()
    const { signal } = controller
    const tasks = [spin(20_000, { lane, signal }), ...Array.from({ length: 10_000 }, () => hash('sha256', data, { lane, signal, inline: false }))].map(reason)
    const most = rss()
    controller.abort()
    await Promise.all(tasks)
    await lane.idle()
    await collect()
    return { most: most - before, after: rss() }
  }
  // The first round warms up: the heap, the arenas, the recycled pages.
  const first = await round()
  t.true(first.most > 150, `${first.most} MiB held`)
  const more = []
  for (let i = 0; i < 4; i++) more.push((await round()).after)
  t.true(Math.min(...more.slice(1)) < first.after + 40, `${first.after.toFixed(0)} MiB after one round, then ${more.map(Math.round).join(', ')}`)
})

test.serial('AbortSignal.timeout', async (t) => {
  const lane = new Lane()
  const signal = AbortSignal.timeout(30)
  const task = spin(20_000, { lane, signal })
  await collect()
  const error = await reason(task)
  t.is(error.name, 'TimeoutError')
  t.is(error, signal.reason)
  await lane.idle()
})

test.serial('AbortSignal.any, which only the task refers to', async (t) => {
  const controller = new AbortController()
  const task = spin(20_000, { signal: AbortSignal.any([controller.signal, new AbortController().signal]) })
  await collect()
  setTimeout(() => controller.abort('first'), 10)
  t.is(await reason(task), 'first')
  await Lane.default.idle()
})

test.serial('onabort and other listeners are left alone', async (t) => {
  const controller = new AbortController()
  const { signal } = controller
  const calls = []
  const own = () => calls.push('onabort')
  Object.assign(signal, { onabort: own })
  signal.addEventListener('abort', () => calls.push('listener'))
  await nap(0, { signal })
  t.is(signal.onabort, own)
  const task = reason(spin(20_000, { signal }))
  t.is(signal.onabort, own)
  controller.abort()
  t.is(await task, signal.reason)
  t.deepEqual(calls, ['onabort', 'listener'])
})

test.serial('the listener is there while there are tasks, and no longer', async (t) => {
  const { signal } = new AbortController()
  const before = Array.from({ length: 5 }, () => nap(5, { signal }))
  t.is(listeners(signal), 1)
  await Promise.all(before)
  t.is(listeners(signal), 0)
  await nap(0, { signal, timeout: 1000 })
  t.is(listeners(signal), 0)
  const timed = nap(30, { signal, timeout: 5 })
  t.is(listeners(signal), 1)
  await reason(timed)
  t.is(listeners(signal), 0)
  await hash('sha256', 'inline', { signal })
  t.is(listeners(signal), 0)
  await Lane.default.idle()
})

test.serial('refused tasks leave no listener', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0, maxQueueBytes: 10 })
  const release = await hold(t, lane)
  const { signal } = new AbortController()
  await reason(nap(0, { lane, signal }))
  await reason(hash('sha256', Buffer.alloc(100), { lane, signal, inline: false }))
  t.is(listeners(signal), 0)
  await release()
  await lane.close()
  await reason(nap(0, { lane, signal }))
  t.is(listeners(signal), 0)
})

test.serial('200,000 tasks on one signal leak nothing', async (t) => {
  const { signal } = new AbortController()
  const used = async () => {
    await collect()
    return process.memoryUsage().heapUsed / 2 ** 20
  }
  const round = async (count) => {
    for (let i = 0; i < count; i += 1000) await Promise.all(Array.from({ length: 1000 }, () => hash('crc32', 'x', { signal, inline: false })))
  }
  await round(5000)
  const before = await used()
  await round(200_000)
  const grown = await used() - before
  t.true(grown < 5, `${grown} MiB`)
  t.is(listeners(signal), 0)
})

test.serial('50,000 aborted tasks, each with a signal of its own, leak nothing', async (t) => {
  const used = async () => {
    await collect()
    return process.memoryUsage().heapUsed / 2 ** 20
  }
  const round = async (count) => {
    for (let i = 0; i < count; i += 1000) {
      const controllers = Array.from({ length: 1000 }, () => new AbortController())
      const tasks = controllers.map(({ signal }) => outcome(hash('crc32', 'x', { signal, inline: false })))
      for (const controller of controllers) controller.abort()
      await Promise.all(tasks)
    }
  }
  await round(5000)
  const before = await used()
  await round(50_000)
  const grown = await used() - before
  t.true(grown < 10, `${grown} MiB`)
})

test.serial('a signal on tasks of several lanes', async (t) => {
  const lanes = [new Lane({ concurrency: 1 }), new Lane({ concurrency: 1, maxQueue: 0, overflow: 'wait' }), Lane.default]
  const controller = new AbortController()
  const tasks = lanes.flatMap((lane) => [1, 2].map(() => reason(spin(20_000, { lane, signal: controller.signal }))))
  controller.abort('all')
  t.deepEqual(await Promise.all(tasks), Array(6).fill('all'))
  await Promise.all(lanes.map((lane) => lane.idle()))
})

test.serial('aborted from the reaction of a task of the same batch', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const controller = new AbortController()
  const { signal } = controller
  const first = nap(0, { lane }).then(() => controller.abort('by the first'))
  const others = Array.from({ length: 50 }, () => outcome(nap(100, { lane, signal })))
  await first
  for (const { error } of await Promise.all(others)) t.is(error, 'by the first')
  await lane.idle()
  t.is(await nap(0, { lane }), '0')
})

test.serial('a listener of the caller that aborts, submits and waits', async (t) => {
  const controller = new AbortController()
  const other = new AbortController()
  const { signal } = controller
  const late = []
  signal.addEventListener('abort', () => {
    other.abort('other')
    late.push(reason(nap(0, { signal })), outcome(nap(0)))
  })
  const tasks = [spin(20_000, { signal }), spin(20_000, { signal: other.signal }), spin(20_000, { signal })].map(reason)
  controller.abort('one')
  t.deepEqual(await Promise.all(tasks), ['one', 'other', 'one'])
  t.deepEqual(await Promise.all(late), ['one', { value: '0' }])
})

test.serial('not a signal', (t) => {
  for (const signal of [null, true, 'abort', {}, new AbortController(), { aborted: false }, { aborted: 0, addEventListener () {}, removeEventListener () {} }, new EventTarget()]) {
    t.throws(() => nap(0, { signal }), { code: 'ERR_INVALID_ARG_TYPE', message: /options\.signal/ })
  }
})

/** A signal of the caller's own making. */
function forge (overrides) {
  const target = new EventTarget()
  return Object.defineProperties({
    aborted: false,
    reason: undefined,
    addEventListener: (...args) => target.addEventListener(...args),
    removeEventListener: (...args) => target.removeEventListener(...args),
    abort (why) {
      this.aborted = true
      this.reason = why
      target.dispatchEvent(new Event('abort'))
    }
  }, Object.getOwnPropertyDescriptors(overrides ?? {}))
}

test.serial('forged: one that behaves', async (t) => {
  const signal = forge()
  const task = reason(spin(20_000, { signal }))
  signal.abort('forged')
  t.is(await task, 'forged')
})

test.serial('forged: a reason that throws ends nobody else\'s task', async (t) => {
  const lane = new Lane()
  let reads = 0
  const signal = forge({
    get reason () {
      if (reads++ > 0) throw new Error('reason')
      return 'read once'
    },
    abort () {}
  })
  let fire
  signal.addEventListener = (_, listener) => { fire = listener }
  const bystander = nap(60, { lane })
  const task = spin(20_000, { lane, signal })
  await until(() => lane.stats().running > 0)
  fire()
  t.is(await reason(task), 'read once')
  t.is(await bystander, '0')
  await lane.idle()
})

test.serial('forged: addEventListener throws', async (t) => {
  const lane = new Lane()
  let broken = true
  const signal = forge()
  const { addEventListener } = signal
  signal.addEventListener = (...args) => {
    if (broken) throw new Error('no listeners')
    addEventListener(...args)
  }
  t.is((await reason(spin(20_000, { lane, signal }))).message, 'no listeners')
  await lane.idle()
  // And it is not forgotten that it has none.
  broken = false
  const task = reason(spin(20_000, { lane, signal }))
  signal.abort('now')
  t.is(await task, 'now')
  await lane.idle()
})

test.serial('forged: removeEventListener throws', async (t) => {
  const signal = forge({ removeEventListener () { throw new Error('stays') } })
  const tasks = Array.from({ length: 10 }, () => nap(0, { signal }))
  t.deepEqual(await Promise.all(tasks), Array(10).fill('0'))
})

test.serial('forged: fires at once, twice, and while its tasks are being ended', async (t) => {
  const lane = new Lane()
  const calls = []
  const signal = forge({
    reason: 'again',
    addEventListener: (_, listener) => calls.push(listener) && listener(),
    removeEventListener () { for (const listener of calls) listener() }
  })
  const tasks = Array.from({ length: 5 }, () => reason(spin(20_000, { lane, signal })))
  t.deepEqual(await Promise.all(tasks), Array(5).fill('again'))
  for (const listener of calls) listener()
  await lane.idle()
  endedAs(t, lane, { aborted: 5 })
})

test.serial('forged: aborted changes between two looks', async (t) => {
  let looks = 0
  const signal = forge({ get aborted () { return looks++ % 2 === 1 }, reason: 'maybe' })
  const ends = await Promise.all(Array.from({ length: 4 }, () => outcome(nap(0, { signal }))))
  for (const { value, error } of ends) t.true(value === '0' || error === 'maybe')
})

test.serial('digests of tasks that were not aborted are right while others are', async (t) => {
  const data = Buffer.alloc(100_000, 3)
  const wanted = hashSync('sha256', data)
  const ends = await Promise.all(Array.from({ length: 400 }, (_, i) => {
    const controller = new AbortController()
    if (i % 2) setTimeout(() => controller.abort(), i % 20)
    return outcome(hash('sha256', data, { signal: controller.signal, inline: false }))
  }))
  for (const [i, { value, error }] of ends.entries()) t.true(value === wanted || (i % 2 === 1 && error?.name === 'AbortError'))
})
