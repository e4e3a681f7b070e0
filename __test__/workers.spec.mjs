// worker_threads: many isolates, one libuv pool, and isolates that end at any moment.
import { readdirSync } from 'node:fs'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import test from 'ava'
import { child, helper, worker } from './helpers/child.mjs'
import { Lane, hash, hashSync, nap, runtime, spin } from './helpers/sidelane.mjs'
import { SLOW, block, collect, sleep, until, within } from './helpers/time.mjs'

/** The hash of a megabyte, of which every worker checks its own. */
const CHECK = `
  const data = Buffer.alloc(1 << 20, 5)
  const wanted = require('node:crypto').createHash('sha256').update(data).digest('hex')
`
/** Terminates it. @returns {Promise<number>} the milliseconds that this takes */
async function terminate (started) {
  const start = performance.now()
  await started.terminate()
  return performance.now() - start
}

/** Threads of the process, where they can be counted. */
const threads = () => process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0

test.serial('32 workers load the addon at once, and hash', async (t) => {
  const { status, stdout, stderr } = await child(`
    const code = \`
      const { hash, hashMany } = require(\${JSON.stringify(require.resolve(${JSON.stringify(helper)}))})
      ${CHECK}
      Promise.all([hash('sha256', data), hash('sha256', data), hashMany('sha256', ['a', 'b'])]).then(([one, two]) => {
        require('node:worker_threads').parentPort.postMessage(one === wanted && two === wanted)
      })\`
    const workers = Array.from({ length: 32 }, () => new Worker(code, { eval: true }))
    Promise.all(workers.map((each) => new Promise((resolve, reject) => each.once('message', resolve).once('error', reject)))).then((right) => {
      console.log(right.filter(Boolean).length)
    })`)
  t.is(status, 0, stderr)
  t.is(stdout, '32')
})

test.serial('only a worker loads it, and ends', async (t) => {
  const { status, stdout, stderr } = await child(`
    const { Worker } = require('node:worker_threads')
    const code = \`
      const { hash, runtime } = require(${JSON.stringify(helper)})
      hash('crc32', 'x', { inline: false }).then((digest) => console.log(digest))\`
    let rounds = 3
    const round = () => new Worker(code, { eval: true }).once('exit', (exit) => {
      console.log(exit)
      if (--rounds > 0) round()
    })
    round()`, { prelude: '' })
  t.is(status, 0, stderr)
  t.deepEqual(stdout.split('\n').sort(), ['0', '0', '0', '8cdc1683', '8cdc1683', '8cdc1683'])
})

test.serial('a worker ends when its tasks have, not before', async (t) => {
  const started = new Worker(`
    const { nap } = require(${JSON.stringify(helper)})
    nap(100).then((value) => require('node:worker_threads').parentPort.postMessage(value))`, { eval: true })
  const [[value], [code]] = await Promise.all([once(started, 'message'), once(started, 'exit')])
  t.is(value, '0')
  t.is(code, 0)
})

test.serial('a worker that exits by itself, or throws, with work in flight', async (t) => {
  for (const [end, code] of [['process.exit(7)', 7], ['throw new Error("on purpose")', 1]]) {
    const { worker: started } = await worker(`
      for (let i = 0; i < 64; i++) quiet(spin(20_000))
      parentPort.postMessage('')
      setTimeout(() => { ${end} }, 20)`)
    started.on('error', () => {})
    const start = performance.now()
    const status = await new Promise((resolve) => { started.on('exit', resolve) })
    t.is(status, code)
    t.true(performance.now() - start < 3000 * SLOW)
  }
  t.is(await nap(0), '0')
})

for (const [title, code] of [
  ['running work', 'for (let i = 0; i < 4; i++) quiet(spin(20_000))'],
  ['a long queue', 'const many = new Lane({ maxQueue: Infinity }); for (let i = 0; i < 1000; i++) quiet(spin(20_000, { lane: many }))'],
  ['20,000 short tasks that never poll', 'const many = new Lane({ maxQueue: Infinity }); for (let i = 0; i < 20_000; i++) quiet(nap(1, { lane: many }))'],
  ['a hash of 1 GiB', 'quiet(hash("sha3-512", new Uint8Array(1 << 30), { transfer: true, lane: new Lane({ maxQueueBytes: Infinity }) }))'],
  ['a parallel hash of 1 GiB', 'quiet(hash("blake3", new Uint8Array(1 << 30), { transfer: true, lane: new Lane({ maxQueueBytes: Infinity }) }))'],
  ['a loop that is blocked, and running work', 'for (let i = 0; i < 4; i++) quiet(spin(20_000)); setTimeout(() => { for (;;); })'],
  ['results that come all the time', 'const go = () => hash("crc32", "x", { inline: false }).then(go); for (let i = 0; i < 100; i++) go()'],
  ['a lane that is being closed', 'const lane = new Lane(); for (let i = 0; i < 4; i++) quiet(spin(20_000, { lane })); lane.close({ timeout: 10_000 })'],
  ['tasks that wait for room', 'const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: "wait" }); for (let i = 0; i < 100; i++) quiet(spin(20_000, { lane }))']
]) {
  test.serial(`terminate: ${title}`, async (t) => {
    await within(t, 300, async () => {
      const { worker: started } = await worker(`${code}; parentPort.postMessage('')`)
      await sleep(40)
      return terminate(started)
    })
    await until(() => runtime().runners === 0)
    t.is(await nap(0), '0')
  })
}

test.serial('terminate: work that never polls is waited for, since it reads the isolate\'s memory', async (t) => {
  const { worker: started } = await worker('nap(400); parentPort.postMessage("")')
  await sleep(50)
  await terminate(started)
  t.is(runtime().runners, 0)
})

test.serial('terminate in a pool of one', async (t) => {
  const { status, stdout, stderr } = await child(`
    const started = new Worker(\`const { spin } = require(${JSON.stringify(helper)}); for (let i = 0; i < 64; i++) spin(20_000); require('node:worker_threads').parentPort.postMessage('')\`, { eval: true })
    started.once('message', async () => {
      await sleep(50)
      const start = performance.now()
      await started.terminate()
      console.log(performance.now() - start < ${1000 * SLOW}, await nap(0), runtime().runners)
    })`, { env: { UV_THREADPOOL_SIZE: '1' } })
  t.is(status, 0, stderr)
  t.is(stdout, 'true 0 0')
})

// A worker costs 30 to 50 ms of CPU, so all thousand run on one version of Node only.
const TIMES = process.env.SIDELANE_ASAN ? 100 : process.versions.node.startsWith('24.') ? 1000 : 200

test.serial(`terminate with work in flight, ${TIMES} times`, async (t) => {
  t.timeout(120_000 * SLOW)
  const data = Buffer.alloc(100_000, 1)
  const wanted = hashSync('sha256', data)
  const code = `
    const { hash, hashMany, spin, nap, Lane } = require(${JSON.stringify(helper)})
    const kind = require('node:worker_threads').workerData % 4
    const data = Buffer.alloc(300_000)
    for (let i = 0; i < 8; i++) {
      if (kind === 0) spin(20_000)
      if (kind === 1) hash('sha256', data, { inline: false })
      if (kind === 2) hash('blake3', new Uint8Array(2 << 20), { transfer: true, priority: 'high' })
      if (kind === 3) hashMany('sha256', Array(500).fill('message'))
    }
    require('node:worker_threads').parentPort.postMessage('')`
  let wrong = 0
  const one = async (i) => {
    const started = new Worker(code, { eval: true, workerData: i })
    // Some are ended before they have begun.
    if (i % 10 === 9) await sleep(i % 30)
    else await once(started, 'message')
    if (i % 3 === 0) await sleep(i % 5)
    await started.terminate()
    if (i % 20 === 0 && await hash('sha256', data, { inline: false }) !== wanted) wrong++
  }
  let before
  let rss
  let next = 0
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (next < TIMES) {
      await one(next++)
      if (next === TIMES / 4) {
        before = threads()
        await collect()
        rss = process.memoryUsage.rss()
      }
    }
  }))
  t.is(wrong, 0)
  await until(() => runtime().runners === 0)
  await collect()
  // Then up to 8 workers ran.
  t.true(threads() <= before, `${before} threads, then ${threads()}`)
  const grown = (process.memoryUsage.rss() - rss) / 2 ** 20
  t.true(grown < 150 * SLOW, `${grown} MiB`)
  t.is(await hash('sha256', data, { inline: false }), wanted)
})

test.serial('main is idle while a worker works', async (t) => {
  const { first, worker: started } = await worker('Promise.all(Array.from({ length: 100 }, () => nap(1))).then((all) => parentPort.postMessage(all.length))')
  t.is(first, 100)
  await started.terminate()
})

test.serial('main is blocked while a worker works', async (t) => {
  const { worker: started } = await worker(`
    const found = []
    parentPort.once('message', async () => {
      for (let i = 0; i < 20; i++) {
        const start = performance.now()
        await nap(1)
        found.push(performance.now() - start)
      }
      parentPort.postMessage(Math.max(...found))
    })
    nap(0).then(() => parentPort.postMessage(''))`)
  const tasks = Array.from({ length: 20 }, () => nap(10))
  await sleep(5)
  started.postMessage('')
  block(600 * SLOW)
  const [most] = await once(started, 'message')
  t.true(most < 300 * SLOW, `${most} ms for a task of 1 ms`)
  await Promise.all(tasks)
  await started.terminate()
})

test.serial('a worker that blocks its loop does not hold up main', async (t) => {
  // As many as there are places for runners, with all kinds of tasks: tiny ones, whose runner is not started at once, and ones that wait.
  for (const work of ['hash("crc32", "x", { inline: false })', 'for (let i = 0; i < 50; i++) nap(5)', 'nap(1).then(() => { for (let i = 0; i < 50; i++) hash("crc32", "x", { inline: false }); block(1000) })']) {
    const workers = await Promise.all(Array.from({ length: runtime().runnerLimit }, () => worker(`
      nap(0).then(() => {
        parentPort.postMessage('')
        setTimeout(() => {
          ${work}
          block(1000)
        }, 20)
      })`)))
    await sleep(60)
    let most = 0
    const end = performance.now() + 500
    while (performance.now() < end) {
      const start = performance.now()
      await nap(1)
      most = Math.max(most, performance.now() - start)
    }
    t.true(most < 400 * SLOW, `${work}: ${most} ms for a task of 1 ms`)
    await Promise.all(workers.map(({ worker: started }) => started.terminate()))
  }
})

test.serial('a worker that blocks its loop while its runners work gives them up to others', async (t) => {
  await within(t, 500, async () => {
    const { worker: started } = await worker(`
      for (let i = 0; i < ${runtime().runnerLimit}; i++) quiet(spin(200))
      parentPort.postMessage('')
      setTimeout(() => block(3000), 100)`)
    await sleep(120)
    const start = performance.now()
    await nap(1)
    const ms = performance.now() - start
    await started.terminate()
    return ms
  })
})

test.serial('the process has one limit for all isolates', async (t) => {
  const { runnerLimit } = runtime()
  const workers = await Promise.all(Array.from({ length: 3 }, () => worker(`
    parentPort.once('message', async () => {
      await Promise.all(Array.from({ length: 10 }, () => nap(30)))
      parentPort.postMessage('')
    })
    nap(0).then(() => parentPort.postMessage(''))`)))
  let most = 0
  const timer = setInterval(() => { most = Math.max(most, runtime().runners) }, 1)
  const start = performance.now()
  await Promise.all([...workers.map(({ worker: started }) => {
    started.postMessage('')
    return once(started, 'message')
  }), ...Array.from({ length: 10 }, () => nap(30))])
  const ms = performance.now() - start
  clearInterval(timer)
  t.is(most, runnerLimit)
  // Forty naps of 30 ms, side by side as many as there may be, cannot take less.
  t.true(ms >= 40 * 30 / runnerLimit, `${ms} ms`)
  await Promise.all(workers.map(({ worker: started }) => started.terminate()))
})

test.serial('a terminated worker frees its slots for others', async (t) => {
  const { worker: started } = await worker('for (let i = 0; i < 64; i++) quiet(spin(20_000)); parentPort.postMessage("")')
  await sleep(30)
  const task = spin(1)
  await started.terminate()
  t.is(await task, '0')
})

test.serial('events and statistics are each isolate\'s own', async (t) => {
  const before = Lane.default.stats().completed
  const { first, worker: started } = await worker('nap(0).then(() => parentPort.postMessage(Lane.default.stats().completed))')
  t.is(first, 1)
  t.is(Lane.default.stats().completed, before)
  await started.terminate()
})
