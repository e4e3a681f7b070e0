// Memory: whatever becomes of a buffer after the call, the answer is that of its bytes when the call was made; and whose it is afterwards.
import { randomBytes } from 'node:crypto'
import { Worker, markAsUntransferable } from 'node:worker_threads'
import vm from 'node:vm'
import test from 'ava'
import { Lane, createHash, hash, hashFile, hashMany, hashSync, hmac, hold } from './helpers/sidelane.mjs'
import { expected, expectedHmac } from './helpers/cases.mjs'
import { outcome, reason, sleep, turn } from './helpers/time.mjs'

const SIZE = 100_000
const sha256 = (data) => expected('sha256', data)
const detach = (buffer) => structuredClone(buffer, { transfer: [buffer] })
const isDetached = (buffer) => {
  try {
    return !new Uint8Array(buffer)
  } catch {
    return true
  }
}
/** Bytes of a buffer of their own: not of Node's pool. */
const own = (size = SIZE) => {
  const bytes = new Uint8Array(size)
  bytes.set(randomBytes(size))
  return bytes
}

/** A lane whose only slot is taken: what is submitted waits until the returned function is called. */
async function blocked (t, options) {
  const lane = new Lane({ concurrency: 1, ...options })
  return { lane, release: await hold(t, lane) }
}

/** Everything that takes one message. */
const CALLS = {
  hash: (data, options) => hash('sha256', data, options),
  hmac: (data, options) => hmac('sha256', 'key', data, options),
  hashMany: (data, options) => hashMany('sha256', [data], options).then(([digest]) => digest),
  packed: (data, options) => hashMany('sha256', { data, offsets: Uint32Array.of(0, lengthOf(data)) }, options).then(([digest]) => digest)
}
const lengthOf = (data) => {
  try {
    return data.byteLength
  } catch {
    return 0
  }
}
const wantedOf = (name, data) => (name === 'hmac' ? expectedHmac('sha256', 'key', data) : sha256(data))

// What happens to it after the call

const HARMS = {
  overwritten: { make: () => own(), harm: (bytes) => bytes.fill(7) },
  transferred: { make: () => own(), harm: (bytes) => detach(bytes.buffer) },
  shrunk: { make: () => resizable(), harm: (bytes) => bytes.buffer.resize(10) },
  grown: { make: () => resizable(), harm: (bytes) => bytes.buffer.resize(2 * SIZE) },
  'emptied under a tracking view': { make: () => new Uint8Array(resizable().buffer), harm: (bytes) => bytes.buffer.resize(0) },
  'shared and overwritten': { make: () => shared(), harm: (bytes) => bytes.fill(7) }
}

function resizable () {
  const bytes = new Uint8Array(new ArrayBuffer(SIZE, { maxByteLength: 2 * SIZE }), 0, SIZE)
  bytes.set(randomBytes(SIZE))
  return bytes
}

function shared (size = SIZE, offset = 0) {
  const bytes = new Uint8Array(new SharedArrayBuffer(size + offset), offset)
  bytes.set(randomBytes(size))
  return bytes
}

for (const [name, call] of Object.entries(CALLS)) {
  for (const [harmed, { make, harm }] of Object.entries(HARMS)) {
    test.serial(`${name}: a buffer that is ${harmed} while its task waits`, async (t) => {
      const { lane, release } = await blocked(t)
      const data = make()
      const wanted = wantedOf(name, data)
      const digest = call(data, { lane, inline: false })
      harm(data)
      await release()
      t.is(await digest, wanted)
    })
  }

  test.serial(`${name}: in a lane that makes it wait for room, a buffer that is gone by then is an error, not a wrong digest`, async (t) => {
    const { lane, release } = await blocked(t, { maxQueue: 0, overflow: 'wait' })
    const data = own()
    const digest = outcome(call(data, { lane, inline: false }))
    const wanted = wantedOf(name, data)
    detach(data.buffer)
    await release()
    const { value, error } = await digest
    if (error) t.is(typeof error.code, 'string')
    else t.is(value, wanted)
  })
}

test.serial('a key that is overwritten or transferred while its task waits', async (t) => {
  for (const overflow of ['reject', 'wait']) {
    const { lane, release } = await blocked(t, { overflow, maxQueue: overflow === 'wait' ? 0 : 10 })
    const keys = [own(32), own(32), own(32)]
    const copies = keys.map((key) => key.slice())
    const digests = [
      hmac('sha256', keys[0], 'text', { lane, inline: false }),
      hash('blake3', 'text', { key: keys[1], lane, inline: false }),
      hashMany('blake3', ['text', 'more'], { key: keys[2], lane, inline: false })
    ]
    keys[0].fill(0)
    for (const key of keys) detach(key.buffer)
    await release()
    t.deepEqual(await Promise.all(digests), [
      expectedHmac('sha256', copies[0], 'text'),
      hashSync('blake3', 'text', { key: copies[1] }),
      ['text', 'more'].map((item) => hashSync('blake3', item, { key: copies[2] }))
    ], overflow)
  }
})

test.serial('a path that is overwritten while its task waits', async (t) => {
  const { lane, release } = await blocked(t, { maxQueue: 0, overflow: 'wait' })
  const file = Buffer.from(import.meta.filename ?? new URL(import.meta.url).pathname)
  const digest = hashFile('sha256', file, { lane })
  file.fill('x')
  await release()
  t.regex(await digest, /^[0-9a-f]{64}$/)
})

test.serial('offsets that are overwritten while their task waits', async (t) => {
  const { lane, release } = await blocked(t)
  const offsets = Uint32Array.of(0, 2, 5)
  const digests = hashMany('sha256', { data: Buffer.from('abcde'), offsets }, { lane, inline: false })
  offsets.fill(4)
  await release()
  t.deepEqual(await digests, [sha256('ab'), sha256('cde')])
})

test.serial('strings of a call that was refused are not taken for those of the next', async (t) => {
  const { lane } = await blocked(t, { maxQueue: 0 })
  const closed = new Lane()
  await closed.close()
  const refused = [{ lane, inline: false }, { lane: closed, inline: false }, { signal: AbortSignal.abort(), inline: false }, { lane: closed, inline: true }, { signal: AbortSignal.abort(), inline: true }]
  for (const options of refused) {
    for (const inline of [true, false]) {
      t.truthy(await reason(hashMany('sha256', ['stale', 'stale'], options)))
      t.deepEqual(await hashMany('sha256', [Buffer.from('fresh'), Buffer.from('two')], { inline }), [sha256('fresh'), sha256('two')])
      t.truthy(await reason(hashMany('sha256', ['stale', 'stale'], options)))
      t.deepEqual(await hashMany('sha256', { data: Buffer.from('fresh'), offsets: Uint32Array.of(0, 5) }, { inline }), [sha256('fresh')])
    }
  }
})

test.serial('strings of calls that wait for room do not mix', async (t) => {
  const { lane, release } = await blocked(t, { maxQueue: 0, overflow: 'wait' })
  const items = Array.from({ length: 20 }, (_, i) => [`a${i}`, `b${i}`])
  const digests = items.map((each) => hashMany('sha256', each, { lane, inline: false }))
  await release()
  t.deepEqual(await Promise.all(digests), items.map((each) => each.map(sha256)))
})

// What it is when the call is made

for (const [name, call] of Object.entries({ ...CALLS, hashSync: (data) => hashSync('sha256', data), update: (data) => createHash('sha256').update(data), hmacKey: (key) => hmac('sha256', key, 'x') })) {
  test(`${name}: what is gone already is refused, at once`, (t) => {
    const buffer = own().buffer
    const views = [new Uint8Array(buffer), new Float32Array(buffer), new DataView(buffer), new Uint8Array(buffer, 5, 0)]
    detach(buffer)
    const small = new ArrayBuffer(8, { maxByteLength: 16 })
    const outside = [new Uint8Array(small, 4, 4), new Uint16Array(small, 4), new DataView(small, 4, 4)]
    small.resize(2)
    const gone = name === 'update' ? [...views, ...outside] : [buffer, ...views, ...outside]
    for (const data of gone) {
      const error = t.throws(() => { call(data, { inline: false })?.catch?.(() => {}) }, { instanceOf: TypeError }, data.constructor.name)
      t.is(error.code, 'ERR_INVALID_ARG_VALUE')
    }
  })
}

test('nothing is a message too', async (t) => {
  const empty = sha256('')
  const tracking = new ArrayBuffer(4, { maxByteLength: 8 })
  const atEnd = new Uint8Array(tracking, 4)
  const nothings = ['', Buffer.alloc(0), new ArrayBuffer(0), new SharedArrayBuffer(0), new DataView(new ArrayBuffer(4), 2, 0), new Float64Array(0), own().subarray(7, 7), shared().subarray(9, 9), atEnd]
  for (const nothing of nothings) {
    t.is(hashSync('sha256', nothing), empty)
    t.is(await hash('sha256', nothing, { inline: false, transfer: true }), empty)
    t.is(await hmac('sha256', nothing, nothing, { inline: false }), expectedHmac('sha256', '', ''))
  }
  t.deepEqual(await hashMany('sha256', nothings), nothings.map(() => empty))
  t.deepEqual(await hashMany('sha256', []), [])
  t.deepEqual(await hashMany('sha256', { data: Buffer.alloc(0), offsets: Uint32Array.of(0) }), [])
})

test('shared memory at every alignment and odd lengths', async (t) => {
  for (let offset = 0; offset <= 8; offset++) {
    for (const size of [1, 2, 3, 7, 8, 9, 15, 16, 17, 1001]) {
      const data = shared(size, offset)
      const wanted = sha256(data)
      t.is(hashSync('sha256', data), wanted, `${offset} ${size}`)
      t.is(await hash('sha256', data, { inline: false }), wanted, `${offset} ${size}`)
      t.is(createHash('sha256').update(data).digest('hex'), wanted, `${offset} ${size}`)
    }
  }
})

test('views that start anywhere, of elements of any size', async (t) => {
  const buffer = own(4096).buffer
  const views = [
    new Float32Array(buffer, 4, 33), new Float64Array(buffer, 8, 11), new BigInt64Array(buffer, 16, 3), new Int16Array(buffer, 2, 7), new Uint8ClampedArray(buffer, 3, 5),
    new DataView(buffer, 5, 77), new Float64Array(buffer).subarray(3, 9), new Uint8Array(buffer, 4095)
  ]
  if (globalThis.Float16Array) views.push(new globalThis.Float16Array(buffer, 6, 9))
  for (const view of views) {
    const wanted = sha256(view)
    for (const digest of [hashSync('sha256', view), await hash('sha256', view, { inline: false }), createHash('sha256').update(view).digest('hex'), (await hashMany('sha256', [view]))[0]]) t.is(digest, wanted, view.constructor.name)
  }
})

test('sizes around half, one and one and a half huge pages, in memory that is new and used again', async (t) => {
  const half = 2 ** 20
  const all = randomBytes(half * 3 + 1)
  for (const size of [1, 2, 3].flatMap((halves) => [-1, 0, 1].map((more) => halves * half + more))) {
    const data = all.subarray(all.length - size)
    const digest = sha256(data)
    t.deepEqual(await Promise.all([data, data].map((each) => CALLS.hash(each, { inline: false }))), [digest, digest], String(size))
    t.deepEqual(await CALLS.hash(data, { inline: false }), digest, String(size))
  }
})

test('buffers of another realm', async (t) => {
  const context = vm.createContext({})
  for (const code of ['new Uint8Array([1, 2, 3])', 'new Uint8Array([1, 2, 3]).buffer', 'new DataView(new Uint8Array([1, 2, 3]).buffer)', 'new Uint8Array(new SharedArrayBuffer(3)).fill(1)']) {
    const data = vm.runInContext(code, context)
    const wanted = hashSync('sha256', Buffer.from(data.buffer ?? data))
    t.is(hashSync('sha256', data), wanted)
    t.is(await hash('sha256', data, { inline: false }), wanted)
    for (const inline of [true, false]) {
      const again = vm.runInContext(code, context)
      const shared = code.includes('Shared')
      t.is(await hash('sha256', again, { inline, transfer: true }), wanted)
      t.is(isDetached(again.buffer ?? again), !shared)
    }
    t.is((await hashMany('sha256', vm.runInContext('(x) => [x]', context)(vm.runInContext(code, context))))[0], wanted)
  }
})

test('one buffer in 64 calls at once', async (t) => {
  const data = own(300_000)
  const wanted = sha256(data)
  t.deepEqual(await Promise.all(Array.from({ length: 64 }, () => hash('sha256', data, { inline: false }))), Array(64).fill(wanted))
})

test.serial('thousands of inputs of all sizes that wait together, while some are aborted and others come', async (t) => {
  const { lane, release } = await blocked(t, { maxQueue: 100_000, maxQueueBytes: 2 ** 30 })
  const source = randomBytes(200_000)
  let state = 1
  const random = (below) => (state = Math.imul(state, 48_271) & 0x7fffffff) % below
  const submit = (length) => Array.from({ length }, () => {
    const start = random(1000)
    const input = source.subarray(start, start + [random(600), random(600), random(5000), random(70_000), random(150_000)][random(5)])
    const controller = new AbortController()
    const wanted = hashSync('xxh3-128', input)
    const task = outcome(hash('xxh3-128', input, { lane, inline: false, signal: controller.signal })).then(({ value, error }) => (error ? error.name === 'AbortError' : value === wanted))
    return { task, controller }
  })
  const tasks = submit(3000)
  for (const { controller } of tasks) if (random(3) === 0) controller.abort()
  tasks.push(...submit(1000))
  const released = release()
  for (let i = 0; i < 20; i++) {
    tasks.push(...submit(100))
    await turn()
  }
  await released
  const ends = await Promise.all(tasks.map(({ task }) => task))
  t.is(ends.filter((right) => !right).length, 0)
})

test('one buffer taken over by the first of several calls is refused to the others', async (t) => {
  const data = own()
  const wanted = sha256(data)
  const first = hash('sha256', data, { transfer: true })
  t.is(t.throws(() => { hash('sha256', data, { transfer: true }) }).code, 'ERR_INVALID_ARG_VALUE')
  t.is(await first, wanted)
})

test.serial('memory that a worker overwrites meanwhile gives the digest of what it was at some time', async (t) => {
  const buffer = new SharedArrayBuffer(1 << 20)
  const data = new Uint8Array(buffer)
  const at = 777_777
  const states = new Set([0, 1].map((value) => {
    data[at] = value
    return sha256(data)
  }))
  const worker = new Worker('const { workerData } = require("node:worker_threads"); const data = new Uint8Array(workerData); for (let i = 0;; i++) Atomics.store(data, 777777, i & 1)', { eval: true, workerData: buffer })
  t.teardown(() => worker.terminate())
  await new Promise((resolve) => { worker.once('online', resolve) })
  for (let i = 0; i < 20; i++) {
    t.true(states.has(hashSync('sha256', data)))
    t.true(states.has(await hash('sha256', data, { inline: false })))
    t.true(states.has((await hashMany('sha256', [data.subarray(0), 'x']))[0]))
    t.true(states.has(createHash('sha256').update(data).digest('hex')))
  }
})

// transfer: true

const TAKES = { ...CALLS }
delete TAKES.hashMany

for (const [name, call] of Object.entries(TAKES)) {
  for (const inline of [undefined, true, false]) {
    test(`${name}: transfer detaches the whole buffer when the call returns (inline: ${inline})`, async (t) => {
      for (const size of [10, SIZE]) {
        for (const wrap of [(buffer) => buffer, (buffer) => new Uint8Array(buffer), (buffer) => new DataView(buffer), (buffer) => Buffer.from(buffer)]) {
          const { buffer } = own(size)
          const wanted = wantedOf(name, Buffer.from(buffer))
          const digest = call(wrap(buffer), { transfer: true, inline })
          t.true(isDetached(buffer))
          t.is(await digest, wanted)
        }
      }
    })
  }

  test(`${name}: transfer copies what others share, and leaves it alone`, async (t) => {
    const memory = new WebAssembly.Memory({ initial: 1 }).buffer
    const untransferable = own(SIZE).buffer
    markAsUntransferable(untransferable)
    const parts = {
      'a part': own().subarray(1), 'the beginning': own().subarray(0, 9), 'a Buffer of the pool': Buffer.from('in the pool'), 'the pool itself': Buffer.from('in the pool').buffer, shared: shared(), 'shared, whole': shared().buffer,
      resizable: resizable(), 'resizable, whole': resizable().buffer, memory, 'memory of WebAssembly': new Uint8Array(memory), untransferable
    }
    for (const inline of [true, false]) {
      for (const [what, data] of Object.entries(parts)) {
        const wanted = wantedOf(name, Buffer.from(data.buffer ?? data, data.byteOffset, data.byteLength))
        const digest = await call(data, { transfer: true, inline })
        // Anything may write to the pool meanwhile.
        if (what !== 'the pool itself') t.is(digest, wanted, what)
        t.false(isDetached(data.buffer ?? data), what)
      }
    }
    t.is(Buffer.from('in the pool').toString(), 'in the pool')
  })

  test.serial(`${name}: a refused call leaves the buffer alone`, async (t) => {
    const { lane } = await blocked(t, { maxQueue: 0 })
    const closed = new Lane()
    await closed.close()
    const small = new Lane({ maxQueueBytes: 5 })
    const refusals = {
      ERR_LANE_FULL: { lane, inline: false },
      ERR_LANE_CLOSED: { lane: closed, inline: false },
      ERR_TOO_LARGE: { lane: small, inline: false },
      aborted: { signal: AbortSignal.abort({ code: 'aborted' }), inline: false },
      'aborted, inline': { signal: AbortSignal.abort({ code: 'aborted, inline' }), inline: true }
    }
    for (const [code, options] of Object.entries(refusals)) {
      const data = own()
      t.is((await reason(call(data, { ...options, transfer: true }))).code, code)
      t.false(isDetached(data.buffer), code)
    }
    for (const wrong of [{ priority: 'none' }, { timeout: -1 }, { encoding: 'none' }, { signal: {} }, { lane: {} }]) {
      const data = own()
      t.throws(() => { call(data, { ...wrong, transfer: true }) })
      t.false(isDetached(data.buffer), JSON.stringify(Object.keys(wrong)))
    }
  })
}

test('hash: transfer in a closed lane, on the spot', async (t) => {
  const lane = new Lane()
  await lane.close()
  const data = own(10)
  t.is((await reason(hash('sha256', data, { lane, transfer: true }))).code, 'ERR_LANE_CLOSED')
  t.false(isDetached(data.buffer))
})

test.serial('a task that waits for room and was given its buffer has it, whatever the sender does', async (t) => {
  const { lane, release } = await blocked(t, { maxQueue: 0, overflow: 'wait' })
  const data = own()
  const wanted = sha256(data)
  const digest = hash('sha256', data, { lane, transfer: true })
  t.true(isDetached(data.buffer))
  await release()
  t.is(await digest, wanted)
})

test('hashMany and hashFile take no buffer of a list or path', async (t) => {
  const data = own(10)
  await hashMany('sha256', [data, data], { transfer: true })
  t.is(data.byteLength, 10)
  const file = Buffer.from(new Uint8Array(Buffer.from(new URL(import.meta.url).pathname)).buffer)
  await hashFile('sha256', file, { transfer: true })
  t.true(file.byteLength > 0)
})

test('a digest is a buffer of its own', async (t) => {
  for (const make of [() => hashSync('sha256', 'x', { encoding: 'buffer' }), () => hash('sha256', 'x', { encoding: 'buffer', inline: false }), () => createHash('sha256').update('x').digest()]) {
    const [first, second] = [await make(), await make()]
    t.true(Buffer.isBuffer(first))
    first.fill(0)
    t.is(second.toString('hex'), sha256('x'))
  }
})

// Large

test.serial('2 GiB and more: refused by the default lane, taken by one with room for it', async (t) => {
  const lane = new Lane({ maxQueueBytes: 2 ** 34 })
  // crc32 of so many zeros, from zlib.
  for (const [size, wanted] of [[2 ** 31 + 7, 'e461dd93'], [2 ** 32 + 1, '41d912ff']]) {
    const buffer = new ArrayBuffer(size)
    if (size > 2 ** 32 && process.versions.node.startsWith('20.')) {
      // Node 20 can make no view of it.
      t.is(t.throws(() => { hash('crc32', buffer, { lane, transfer: true }) }, { instanceOf: RangeError }).code, 'ERR_OUT_OF_RANGE')
      continue
    }
    const error = await reason(hash('crc32', buffer, { transfer: true, inline: false }))
    t.like(error, { code: 'ERR_TOO_LARGE', statusCode: 413, retryable: false, limit: 256 * 2 ** 20, received: size })
    t.is(buffer.byteLength, size)
    t.is(await hash('crc32', buffer, { lane, transfer: true }), wanted)
    t.true(isDetached(buffer))
  }
})

test.serial('the longest string: refused by the default lane', async (t) => {
  const text = 'a'.repeat(2 ** 29 - 24)
  t.is((await reason(hash('crc32', text))).code, 'ERR_TOO_LARGE')
  t.is((await reason(hashMany('crc32', [text, text]))).code, 'ERR_TOO_LARGE')
})

test.serial('memory goes back when its tasks have ended, however they ended', async (t) => {
  const { lane } = await blocked(t, { maxQueue: 4 })
  const round = async () => {
    const controller = new AbortController()
    const tasks = Array.from({ length: 8 }, () => outcome(hash('sha256', new Uint8Array(16 << 20), { lane, transfer: true, signal: controller.signal })))
    controller.abort()
    await Promise.all(tasks)
  }
  await round()
  globalThis.gc()
  await sleep(20)
  const before = process.memoryUsage().arrayBuffers
  for (let i = 0; i < 10; i++) await round()
  globalThis.gc()
  await sleep(20)
  globalThis.gc()
  const grown = (process.memoryUsage().arrayBuffers - before) / 2 ** 20
  t.true(grown < 64, `${grown.toFixed(0)} MiB`)
})
