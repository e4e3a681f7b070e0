// Panics: an error of one task, wherever they happen, and nothing else.
import { createRequire } from 'node:module'
import test from 'ava'
import { child, worker } from './helpers/child.mjs'
import { InternalError, Lane, endedAs, fail, hash, hashSync, nap, native, panicInKernel, panicInSettle, runtime } from './helpers/sidelane.mjs'
import { outcome, reason, turn, until } from './helpers/time.mjs'

const { version } = createRequire(import.meta.url)('../package.json')

/** What every error of a panic says. */
function isPanic (t, error, operation, text) {
  t.true(error instanceof InternalError)
  t.like(error, { name: 'InternalError', code: 'ERR_INTERNAL', statusCode: 500, retryable: false, operation })
  for (const part of [operation, text, `sidelane ${version}`, 'report it']) t.true(error.message.includes(part), error.message)
  // What it was built for.
  t.regex(error.message, /\([a-z0-9_]+-[a-z0-9_-]+\)/)
}

test.serial('in a kernel', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  isPanic(t, await reason(panicInKernel({ lane })), 'fault', 'injected into a kernel')
  t.is(lane.stats().running, 0)
  t.is(await nap(0, { lane }), '0')
  endedAs(t, lane, { completed: 1, failed: 1 })
})

test.serial('in settle: the other results of the batch are right', async (t) => {
  const lane = new Lane()
  const tasks = Array.from({ length: 30 }, (_, i) => outcome(i % 10 === 3 ? panicInSettle({ lane }) : nap(0, { lane })))
  // All in one batch: they end while the loop does not turn.
  await Promise.resolve()
  while (lane.stats().completed < 30);
  for (const [i, { value, error }] of (await Promise.all(tasks)).entries()) {
    if (i % 10 === 3) isPanic(t, error, 'settle', 'injected into settle')
    else t.is(value, '0')
  }
  await lane.idle()
  // Counted by how their promises ended, although their work was done.
  endedAs(t, lane, { completed: 27, failed: 3 })
})

test.serial('in a callback: an exception', async (t) => {
  for (let i = 0; i < 3; i++) {
    const error = t.throws(() => native.panicInCallback(), { instanceOf: InternalError, code: 'ERR_INTERNAL' })
    t.like(error, { statusCode: 500, retryable: false, operation: 'panicInCallback' })
    for (const part of ['panicInCallback', 'injected into a callback', version]) t.true(error.message.includes(part), error.message)
  }
  t.is(await nap(0), '0')
})

test.serial('the slots come back: more panics than there are runners', async (t) => {
  const { status, stdout, stderr } = await child(`
    const lane = new Lane({ maxQueue: Infinity })
    const tasks = Array.from({ length: 300 }, (_, i) => (i % 3 ? s.panicInKernel({ lane }) : nap(0, { lane })).then(() => 'ok', (error) => error.code))
    Promise.all(tasks).then(async (ends) => {
      const count = (end) => ends.filter((each) => each === end).length
      const { running, completed, failed } = lane.stats()
      console.log(JSON.stringify({ ok: count('ok'), panics: count('ERR_INTERNAL'), running, completed, failed, after: await nap(0) }))
    })`, { env: { RUST_BACKTRACE: '0' } })
  t.is(status, 0, stderr)
  t.deepEqual(JSON.parse(stdout), { ok: 100, panics: 200, running: 0, completed: 100, failed: 200, after: '0' })
})

test.serial('in a worker: it goes on, and so does the main thread', async (t) => {
  const { worker: started, first } = await worker(`
    s.panicInKernel().catch((error) => error.code).then(async (code) => {
      let thrown
      try { native.panicInCallback() } catch (error) { thrown = error.code }
      const settled = await s.panicInSettle().catch((error) => error.code)
      parentPort.postMessage([code, thrown, settled, await nap(0)])
    })`)
  t.deepEqual(first, ['ERR_INTERNAL', 'ERR_INTERNAL', 'ERR_INTERNAL', '0'])
  await started.terminate()
  t.is(await nap(0), '0')
})

test.serial('an error of a kernel\'s own is no panic', async (t) => {
  const error = await reason(fail())
  t.true(error instanceof TypeError)
  t.like(error, { code: 'ERR_INVALID_ARG_VALUE', message: 'injected failure' })
})

test.serial('without a handler, an unhandled rejection as any other', async (t) => {
  const { status, stderr } = await child('s.panicInKernel()', { env: { RUST_BACKTRACE: '0' } })
  t.is(status, 1)
  t.true(stderr.includes('ERR_INTERNAL'), stderr)
})

test.serial('runners are counted out', async (t) => {
  await Promise.all([reason(panicInKernel()), reason(panicInKernel()), reason(panicInSettle())])
  await until(() => runtime().runners === 0)
  await turn()
  const data = Buffer.alloc(1 << 20)
  t.is(await hash('sha256', data), hashSync('sha256', data))
})
