// hashMany: what it promises besides the right digests (see properties).
import test from 'ava'
import { Lane, hashMany, hashSync, hold, native } from './helpers/sidelane.mjs'
import { expected } from './helpers/cases.mjs'
import { child, helper } from './helpers/child.mjs'
import { reason, until, within } from './helpers/time.mjs'

const sha256 = (data) => expected('sha256', data)

test('few and short messages are hashed on the spot, many or long ones and long outputs are not', async (t) => {
  const lane = new Lane()
  const completed = async (algorithm, items, options) => {
    const before = lane.stats().completed
    await hashMany(algorithm, items, { lane, ...options })
    return lane.stats().completed - before
  }
  t.is(await completed('sha256', ['a', 'b']), 0)
  t.is(await completed('sha256', ['a', 'b'], { inline: false }), 1)
  t.is(await completed('sha256', Array(1000).fill('a')), 1)
  t.is(await completed('sha256', Array(1000).fill('a'), { inline: true }), 0)
  t.is(await completed('sha256', ['a'.repeat(100_000)]), 1)
  t.is(await completed('shake256', ['a', 'b'], { outputLength: 1 << 20, encoding: 'packed' }), 1)
})

test('on the spot or in a lane, the digests are the same', async (t) => {
  const packed = { data: Buffer.from('abc'), offsets: Uint32Array.of(0, 1, 3) }
  for (const encoding of ['hex', 'base64', 'base64url', 'buffer', 'packed']) {
    for (const items of [[], ['a'], ['a', 'ä\ud800', ''], [Buffer.from('a'), 'b'], packed, Array.from({ length: 2000 }, (_, i) => `${i}`)]) {
      t.deepEqual(await hashMany('sha384', items, { encoding, inline: true }), await hashMany('sha384', items, { encoding, inline: false }))
    }
  }
})

test('digests in the order of the items, in every encoding', async (t) => {
  const items = Array.from({ length: 1000 }, (_, i) => `item ${i}`)
  for (const encoding of ['hex', 'base64', 'base64url', 'buffer']) t.deepEqual(await hashMany('sha1', items, { encoding }), items.map((item) => expected('sha1', item, encoding)))
})

test('surrogates at the seams do not meet', async (t) => {
  const items = ['a\ud83d', '\ude00b', '\ud83d', '\ude00', '', '\ud83d\ude00', '\udc00\ud800', '\udc00']
  t.deepEqual(await hashMany('sha256', items), items.map(sha256))
  // Only such, and as long in UTF-8 as others that are ASCII.
  t.deepEqual(await hashMany('sha256', ['\ud800', '\udc00']), ['\ufffd', '\ufffd'].map(sha256))
})

test('strings of every length up to past what is packed at once', async (t) => {
  for (const count of [0, 1, 2, 255, 256, 257, 511, 512, 513, 3000]) {
    const items = Array.from({ length: count }, (_, i) => 'ä'.repeat(i % 70))
    t.deepEqual(await hashMany('sha256', items), items.map(sha256), `${count}`)
  }
})

test('long strings, of one byte and of two', async (t) => {
  const items = ['a'.repeat(3_000_000), 'ä'.repeat(1_000_000), '世'.repeat(1_000_000)]
  t.deepEqual(await hashMany('sha256', items), items.map(sha256))
})

test('a million messages', async (t) => {
  const count = 1_000_000
  const { data, digestLength } = await hashMany('xxh3-64', { data: Buffer.alloc(count * 8, 'messages'), offsets: Uint32Array.from({ length: count + 1 }, (_, i) => i * 8) }, { encoding: 'packed' })
  t.is(digestLength, 8)
  t.true(data.equals(Buffer.alloc(count * 8, hashSync('xxh3-64', 'messages', { encoding: 'buffer' }))))
})

test('buffers are views of one', async (t) => {
  const digests = await hashMany('sha256', ['a', 'b'], { encoding: 'buffer' })
  t.is(digests[0].buffer, digests[1].buffer)
  t.is((await hashMany('sha256', ['a', 'b'], { encoding: 'packed' })).data.toString('hex'), sha256('a') + sha256('b'))
})

test('packed: gaps before, behind and none between', async (t) => {
  const data = Buffer.from('--abcde--')
  t.deepEqual(await hashMany('sha256', { data, offsets: Uint32Array.of(2, 4, 4, 7) }), ['ab', '', 'cde'].map(sha256))
  t.deepEqual(await hashMany('sha256', { data, offsets: Uint32Array.of(9) }), [])
})

test('packed: shared data and offsets', async (t) => {
  const data = new Uint8Array(new SharedArrayBuffer(4)).fill(97)
  const offsets = new Uint32Array(new SharedArrayBuffer(8))
  offsets[1] = 3
  t.deepEqual(await hashMany('sha256', { data, offsets }), [sha256('aaa')])
})

test('wrong items: thrown at once, and named', (t) => {
  const throws = (items, code, name) => {
    const error = t.throws(() => { hashMany('sha256', items) }, { instanceOf: TypeError })
    t.is(error.code, code)
    t.true(error.message.includes(`"${name}"`), error.message)
  }
  for (const items of [undefined, null, 5, 'items', {}, new Set(['a']), Buffer.from('a'), { data: Buffer.from('a') }]) throws(items, 'ERR_INVALID_ARG_TYPE', 'items')
  // eslint-disable-next-line no-sparse-arrays
  for (const wrong of [['a', 5], ['a', undefined], ['a', , 'b'], [Buffer.from('a'), null], ['a', ['b']]]) throws(wrong, 'ERR_INVALID_ARG_TYPE', 'items[1]')
  const data = Buffer.from('abc')
  const offsets = Uint32Array.of(0, 3)
  throws({ data: 'abc', offsets }, 'ERR_INVALID_ARG_TYPE', 'items.data')
  throws({ data: undefined, offsets }, 'ERR_INVALID_ARG_TYPE', 'items.data')
  for (const wrong of [[0, 3], new Int32Array(2), new Uint8Array(2), undefined, null]) throws({ data, offsets: wrong }, 'ERR_INVALID_ARG_TYPE', 'items.offsets')
  throws({ data, offsets: new Uint32Array(0) }, 'ERR_INVALID_ARG_VALUE', 'items.offsets')
  throws({ data, offsets: Uint32Array.of(0, 2, 1) }, 'ERR_INVALID_ARG_VALUE', 'items.offsets[2]')
  throws({ data, offsets: Uint32Array.of(0, 4) }, 'ERR_INVALID_ARG_VALUE', 'items.offsets[1]')
  throws({ data, offsets: Uint32Array.of(4294967295) }, 'ERR_INVALID_ARG_VALUE', 'items.offsets[0]')
  const gone = Uint32Array.of(0, 3)
  structuredClone(gone.buffer, { transfer: [gone.buffer] })
  throws({ data, offsets: gone }, 'ERR_INVALID_ARG_VALUE', 'items.offsets')
})

test('an array whose methods are somebody else\'s', async (t) => {
  const items = ['aaaa', 'bbbb']
  for (const method of ['join', 'map', 'slice', 'forEach', Symbol.iterator]) items[method] = () => new ArrayBuffer(8)
  t.deepEqual(await hashMany('sha256', items), ['aaaa', 'bbbb'].map(sha256))
})

test('items whose getters change what came before: an error, or what was there', async (t) => {
  const victim = new Uint8Array(8).fill(1)
  const items = [victim, 'b']
  Object.defineProperty(items, 1, { get: () => {
    if (victim.buffer.byteLength) structuredClone(victim.buffer, { transfer: [victim.buffer] })
    return 'b'
  } })
  const error = t.throws(() => { hashMany('sha256', items) }, { instanceOf: TypeError })
  t.is(error.code, 'ERR_INVALID_ARG_VALUE')

  // Read once each: what is measured is what is hashed.
  let reads = 0
  const strings = ['a', 'b']
  Object.defineProperty(strings, 1, { get: () => 'b'.repeat(++reads) })
  t.deepEqual(await hashMany('sha256', strings), [sha256('a'), sha256('b'.repeat(reads))])

  const growing = ['a', 'b']
  Object.defineProperty(growing, 1, { get: () => { growing.push('c'); return 'b' } })
  t.deepEqual((await hashMany('sha256', growing)).slice(0, 2), [sha256('a'), sha256('b')])

  const throwing = ['a', 'b']
  Object.defineProperty(throwing, 1, { get () { throw new Error('mine') } })
  t.throws(() => { hashMany('sha256', throwing) }, { message: 'mine' })
})

test('a Proxy of an array', async (t) => {
  t.deepEqual(await hashMany('sha256', new Proxy(['a', 'b'], {})), ['a', 'b'].map(sha256))
})

test('more output than there can be is refused, not tried', async (t) => {
  // A terabyte; and more characters than a string can have.
  const { stdout, status, stderr } = await child(`
    const code = (promise) => promise.then(() => 'done', (error) => error.code)
    const empty = Array(1_000_000).fill('')
    Promise.all(['packed', 'buffer', 'hex', 'base64'].map((encoding) => code(hashMany('shake128', empty, { outputLength: 1048576, encoding }))).concat(
      code(hashMany('shake128', empty.slice(0, 300), { outputLength: 1048576 }))
    )).then((codes) => console.log(codes.join(' ')))
  `)
  t.is(status, 0, stderr)
  t.is(stdout, Array(5).fill('ERR_TOO_LARGE').join(' '))
})

test('a lane\'s bounds count the messages\' bytes, however they come', async (t) => {
  const lane = new Lane({ maxQueueBytes: 1000 })
  const items = Array.from({ length: 20 }, () => 'x'.repeat(100))
  for (const each of [items, items.map(Buffer.from), { data: Buffer.alloc(2000), offsets: Uint32Array.of(0, 2000) }]) {
    const error = await reason(hashMany('sha256', each, { lane, inline: false }))
    t.like(error, { code: 'ERR_TOO_LARGE', limit: 1000 })
    t.true(error.received >= 2000)
  }
  t.deepEqual(lane.stats().queuedBytes, 0)
})

test.serial('aborted while it waits, and while it runs', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const release = await hold(t, lane)
  const controller = new AbortController()
  const waits = reason(hashMany('sha256', ['a', 'b'], { lane, signal: controller.signal, inline: false }))
  controller.abort('first')
  t.is(await waits, 'first')
  t.is(lane.stats().queued, 0)
  await release()
  const data = Buffer.alloc(100 << 20)
  const offsets = Uint32Array.from({ length: 1601 }, (_, i) => i * 65536)
  await within(t, 50, async () => {
    const running = new AbortController()
    const ends = reason(hashMany('sha3-512', { data, offsets }, { lane, signal: running.signal }))
    await until(() => lane.stats().running === 1)
    running.abort('second')
    const start = performance.now()
    t.is(await ends, 'second')
    await lane.idle()
    return performance.now() - start
  })
})

test('one algorithm of each kind, keyed and long', async (t) => {
  const key = Buffer.alloc(32, 1)
  t.deepEqual(await hashMany('blake3', ['a', 'b'], { key, outputLength: 100 }), ['a', 'b'].map((item) => hashSync('blake3', item, { key, outputLength: 100 })))
  t.deepEqual(await hashMany('crc32', ['a', 'b'], { encoding: 'base64url' }), ['a', 'b'].map((item) => hashSync('crc32', item, { encoding: 'base64url' })))
})

test('large results are the caller\'s own: kept, written to, sent to others', async (t) => {
  const messages = (seed) => Array.from({ length: 3000 }, (_, i) => `${seed} ${i}`)
  const expectedOf = (seed) => Buffer.concat(messages(seed).map((message) => expected('sha256', message, 'buffer')))
  const kept = await hashMany('sha256', messages(0), { encoding: 'packed', inline: false })
  t.true(kept.data.byteLength > 64 * 1024)
  for (let seed = 1; seed < 20; seed++) {
    const { data } = await hashMany('sha256', messages(seed), { encoding: 'packed', inline: false })
    t.deepEqual(data, expectedOf(seed))
    data.fill(0xff)
  }
  t.deepEqual(kept.data, expectedOf(0))
  t.deepEqual(structuredClone(kept.data), new Uint8Array(expectedOf(0)))
  // Node 20 copies what cannot be transferred, later ones refuse.
  try {
    t.deepEqual(structuredClone(kept.data, { transfer: [kept.data.buffer] }), new Uint8Array(expectedOf(0)))
  } catch (error) {
    t.is(error.name, 'DataCloneError')
  }
})

test('memory of large results comes back when they are collected, and with their worker', async (t) => {
  const { status, stdout, stderr } = await child(`
    const items = Array.from({ length: 32 * 1024 }, (_, i) => 'item ' + i)
    const work = async (rounds) => {
      for (let i = 0; i < rounds; i++) {
        await hashMany('sha256', items, { encoding: 'packed', inline: false })
        if (i % 8 === 0) { gc(); await sleep(1) }
      }
    }
    (async () => {
      await work(40)
      const before = process.memoryUsage.rss()
      await work(300)
      for (let i = 0; i < 10; i++) {
        const worker = new Worker(\`
          const { hashMany } = require(${JSON.stringify(helper)})
          const items = Array.from({ length: 32 * 1024 }, (_, i) => 'item ' + i)
          const results = Array.from({ length: 5 }, () => hashMany('sha256', items, { encoding: 'packed', inline: false }))
          Promise.all(results).then((all) => { globalThis.all = all; require('node:worker_threads').parentPort.postMessage('ready') })
          setInterval(() => {}, 1000)
        \`, { eval: true })
        await new Promise((resolve) => worker.once('message', resolve))
        await worker.terminate()
      }
      gc()
      await sleep(50)
      console.log(Math.round((process.memoryUsage.rss() - before) / 2 ** 20))
    })()
  `, { timeout: 60_000 })
  t.is(status, 0, stderr)
  // 300 MiB of results, and ten times 5 in workers.
  t.true(Number(stdout) < 60, `${stdout} MiB more`)
})

/** How often strings are packed while `work` runs. */
async function packs (work) {
  const { startPack } = native
  let count = 0
  native.startPack = (...args) => { count++; return startPack(...args) }
  try {
    await work()
  } finally {
    native.startPack = startPack
  }
  return count
}

test.serial('strings of a call that is refused are not packed', async (t) => {
  const strings = Array.from({ length: 100 }, () => 'y'.repeat(1000))
  const closed = new Lane()
  await closed.close()
  const full = new Lane({ concurrency: 1, maxQueue: 0 })
  const release = await hold(t, full)
  for (const inline of [undefined, false, true]) {
    t.is(await packs(async () => t.is(await reason(hashMany('sha256', strings, { inline, signal: AbortSignal.abort('why') })), 'why')), 0)
    t.is(await packs(async () => t.is((await reason(hashMany('sha256', strings, { inline, lane: closed }))).code, 'ERR_LANE_CLOSED')), 0)
  }
  t.is(await packs(async () => t.is((await reason(hashMany('sha256', strings, { lane: full }))).code, 'ERR_LANE_FULL')), 0)
  t.is(await packs(async () => t.is((await reason(hashMany('shake128', Array(2000).fill('a'), { outputLength: 1 << 20, encoding: 'packed' }))).code, 'ERR_TOO_LARGE')), 0)
  t.is(await packs(() => hashMany('sha256', strings)), 1)
  await release()
  // What is wrong is told all the same.
  t.is(t.throws(() => { hashMany('sha256', ['a', 5], { signal: AbortSignal.abort() }) }).code, 'ERR_INVALID_ARG_TYPE')
})

test('refused calls leave no memory behind', async (t) => {
  const { status, stdout, stderr } = await child(`
    const items = Array.from({ length: 20 }, () => 'y'.repeat(1 << 20))
    const mixed = [...items.slice(1), Buffer.alloc(1 << 20)]
    ;(async () => {
      const closed = new Lane()
      await closed.close()
      await hashMany('crc32', items)
      const before = process.memoryUsage.rss()
      for (let i = 0; i < 30; i++) {
        await quiet(hashMany('sha256', items, { signal: AbortSignal.abort() }))
        await quiet(hashMany('sha256', items, { lane: closed }))
        await quiet(hashMany('sha256', mixed, { lane: closed }))
        if (i % 5 === 0) gc()
      }
      gc()
      await sleep(20)
      console.log(Math.round((process.memoryUsage.rss() - before) / 2 ** 20))
    })()
  `)
  t.is(status, 0, stderr)
  // 1,200 MiB of strings that the binary would have packed.
  t.true(Number(stdout) < 150, `${stdout} MiB more`)
})

test.serial('strings that wait for room are packed when there is some', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 1, overflow: 'wait' })
  const release = await hold(t, lane)
  const sets = Array.from({ length: 6 }, (_, set) => Array.from({ length: 300 }, (_, i) => `ä${set} ${i}`.repeat(20)))
  const all = sets.map((items) => hashMany('sha256', items, { lane }))
  await release()
  t.deepEqual(await Promise.all(all), sets.map((items) => items.map(sha256)))
})

test.serial('a signal of the caller\'s own making that calls hashMany itself: each call its own digests', async (t) => {
  const inner = []
  const signal = {
    get aborted () {
      inner.push(hashMany('sha256', ['inner'], { inline: false }))
      return false
    },
    addEventListener () {},
    removeEventListener () {}
  }
  t.deepEqual(await hashMany('sha256', ['outer', 'ä'], { signal, inline: false }), ['outer', 'ä'].map(sha256))
  for (const each of await Promise.all(inner)) t.deepEqual(each, [sha256('inner')])
})

test('the error of a lane that is too small tells what it counts: the offsets too', async (t) => {
  const lane = new Lane({ name: 'small', maxQueueBytes: 200 })
  const strings = Array(100).fill('a')
  for (const items of [strings, strings.map((each) => Buffer.from(each)), { data: Buffer.alloc(100), offsets: Uint32Array.from({ length: 101 }, (_, i) => i) }]) {
    const error = await reason(hashMany('sha256', items, { lane, inline: false }))
    t.like(error, { code: 'ERR_TOO_LARGE', limit: 200, received: 500 })
    t.is(error.message, 'The input, with 4 bytes for each message, has 500 bytes, but lane "small" holds at most 200 (maxQueueBytes)')
  }
  // And leaves a buffer alone that it refuses.
  const data = new Uint8Array(150)
  t.is((await reason(hashMany('sha256', { data, offsets: new Uint32Array(51) }, { lane, inline: false, transfer: true }))).received, 350)
  t.is(data.byteLength, 150)
})

test('a Uint8Array of a class whose byteLength lies', async (t) => {
  for (const said of [0, 2, 100]) {
    class Lying extends Uint8Array { get byteLength () { return said } }
    const item = new Lying(5).fill(97)
    const wanted = sha256('aaaaa')
    t.deepEqual(await hashMany('sha256', [item, 'b']), [wanted, sha256('b')])
    t.deepEqual(await hashMany('sha256', { data: item, offsets: Uint32Array.of(0, 5) }, { inline: false }), [wanted])
    t.is(hashSync('sha256', item), wanted)
  }
  const own = Object.defineProperty(new Uint8Array(5).fill(97), 'byteLength', { value: 100 })
  t.deepEqual(await hashMany('sha256', [own]), [sha256('aaaaa')])
  class Floats extends Float64Array { get byteLength () { return 800 } }
  t.deepEqual(await hashMany('sha256', [new Floats(1)]), [sha256(Buffer.alloc(8))])
})

test('memory of results that are collected while nothing runs goes back', async (t) => {
  const { status, stdout, stderr } = await child(`
    const rss = () => process.memoryUsage.rss() / 2 ** 20
    const many = () => hashMany('blake3', Array(48).fill('a'), { encoding: 'packed', outputLength: 1 << 20, inline: false })
    ;(async () => {
      await hashMany('blake3', ['a'], { inline: false })
      const before = rss()
      let results = []
      for (let i = 0; i < 6; i++) results.push(await many())
      const held = rss() - before
      results = undefined
      const end = performance.now() + 10_000
      do {
        gc()
        await sleep(10)
      } while (rss() - before > 100 && performance.now() < end)
      console.log(JSON.stringify([held, rss() - before]))
    })()
  `)
  t.is(status, 0, stderr)
  const [held, left] = JSON.parse(stdout)
  t.true(held > 250, `${held} MiB held`)
  t.true(left <= 100, `${left} of ${held} MiB left`)
})

test('memory of calls that were refused goes back, though nothing ever runs', async (t) => {
  const { status, stdout, stderr } = await child(`
    const rss = () => process.memoryUsage.rss() / 2 ** 20
    const items = Array.from({ length: 20 }, () => 'y'.repeat(1 << 20))
    const signal = AbortSignal.abort()
    ;(async () => {
      await quiet(hashMany('sha256', items, { signal }))
      const before = rss()
      for (let i = 0; i < 20; i++) await quiet(hashMany('sha256', items, { signal }))
      const end = performance.now() + 5000
      while (rss() - before > 100 && performance.now() < end) await sleep(10)
      console.log(rss() - before)
    })()
  `)
  t.is(status, 0, stderr)
  t.true(Number(stdout) <= 100, `${stdout} MiB more`)
})

test('memory goes back by a thread of its own: none of libuv\'s pool is busy with it', async (t) => {
  if (process.platform !== 'linux') return t.pass()
  const { status, stdout, stderr } = await child(`
    const { readdirSync, readFileSync } = require('node:fs')
    const names = () => readdirSync('/proc/self/task').map((task) => readFileSync('/proc/self/task/' + task + '/comm', 'utf8').trim())
    const held = new Uint8Array(48 << 20)
    ;(async () => {
      await hash('blake3', 'a', { inline: false })
      const before = names().includes('sidelane-clean')
      await hash('blake3', held)
      const end = performance.now() + 5000
      while (!names().includes('sidelane-clean') && performance.now() < end) await sleep(1)
      console.log(before, names().includes('sidelane-clean'))
    })()
  `, { env: { UV_THREADPOOL_SIZE: '2' } })
  t.is(status, 0, stderr)
  t.is(stdout, 'false true', 'it is started when it is needed')
})
