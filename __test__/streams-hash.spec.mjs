// createHash: node:crypto's Hash, call by call, and as a stream whose work leaves the loop.
import crypto from 'node:crypto'
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough, Readable, Transform, Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { once } from 'node:events'
import test from 'ava'
import { Lane, createHash, hashSync, hold, native } from './helpers/sidelane.mjs'
import { Hash } from 'sidelane'
import { expected } from './helpers/cases.mjs'
import { SLOW, collect, isPending, outcome, reason, sleep, turn, until, within } from './helpers/time.mjs'

const sha256 = (data) => expected('sha256', data)
const MIB = 1 << 20
/** What is gathered before it leaves the loop. */
const GATHER = 512 * 1024
/** More than what is hashed on the spot. */
const LARGE = Buffer.alloc(100_000, 'large')

// As node:crypto

/** What a use of either library comes to. */
function result (use, library) {
  try {
    const value = use(library)
    return { value: Buffer.isBuffer(value) ? value.toString('hex') : value, buffer: Buffer.isBuffer(value) }
  } catch ({ name, code }) {
    return { name, code }
  }
}
const ours = (name, options) => createHash(name, options)
const theirs = (name, options) => crypto.createHash(name, options)

const USES = {
  'nothing': (make) => make('sha256').digest('hex'),
  'updates, chained': (make) => make('sha256').update('a').update('b').digest('hex'),
  'no encoding: a Buffer': (make) => make('sha256').update('a').digest(),
  ...Object.fromEntries(['hex', 'base64', 'base64url', 'latin1', 'binary', 'ascii', 'utf8', 'utf-8', 'ucs2', 'utf16le', 'buffer', 'HEX', 'Base64', '', null, undefined].map((encoding) => [`digest(${JSON.stringify(encoding)})`, (make) => make('sha256').update('a').digest(encoding)])),
  ...Object.fromEntries(['hex', 'base64', 'base64url', 'latin1', 'binary', 'ascii', 'utf8', 'ucs2', 'utf16le', 'HEX', 'buffer', 'none', '', null, undefined, 5].map((encoding) => [`update('abcd', ${JSON.stringify(encoding)})`, (make) => make('sha256').update('abcd', encoding).digest('hex')])),
  'half a byte of hex': (make) => make('sha256').update('abc', 'hex'),
  'half a byte of HEX': (make) => make('sha256').update('abc', 'HEX'),
  'lone surrogates': (make) => make('sha256').update('\ud800').update('\udc00').digest('hex'),
  'a DataView': (make) => make('sha256').update(new DataView(new ArrayBuffer(9), 1, 7)).digest('hex'),
  'a Float64Array': (make) => make('sha256').update(Float64Array.of(1, 2)).digest('hex'),
  'a part of a Uint32Array': (make) => make('sha256').update(Uint32Array.of(1, 2, 3).subarray(1, 2)).digest('hex'),
  'an encoding with bytes is ignored': (make) => make('sha256').update(Buffer.from('ab'), 'hex').digest('hex'),
  ...Object.fromEntries([undefined, null, 5, true, {}, [], new ArrayBuffer(4), new SharedArrayBuffer(4), 5n, Symbol('data'), () => {}].map((wrong) => [`update(${typeof wrong} ${wrong?.constructor?.name})`, (make) => make('sha256').update(wrong)])),
  'digest twice': (make) => {
    const hash = make('sha256')
    hash.digest()
    return hash.digest()
  },
  'update after digest': (make) => {
    const hash = make('sha256')
    hash.digest()
    return hash.update('a')
  },
  'copy after digest': (make) => {
    const hash = make('sha256')
    hash.digest()
    return hash.copy()
  },
  'copy': (make) => {
    const hash = make('sha256').update('a')
    const copy = hash.copy().update('b')
    return hash.update('c').digest('hex') + copy.digest('hex')
  },
  'copies of copies': (make) => make('sha256').update('a').copy().update('b').copy().update('c').digest('hex'),
  'a longer output': (make) => make('shake256', { outputLength: 99 }).update('a').digest('hex'),
  'a copy does not have its original\'s length': (make) => make('shake256', { outputLength: 99 }).update('a').copy({ outputLength: 32 }).digest('hex'),
  'the length that there is': (make) => make('sha256', { outputLength: 32 }).digest('hex'),
  'null as options': (make) => make('sha256', null).digest('hex'),
  'the name in other letters': (make) => make('SHA256').digest('hex') + make('sha3-256').digest('hex') + make('SHA-512').digest('hex'),
  'write, then digest': (make) => {
    const hash = make('sha256')
    hash.write('a')
    hash.write('b')
    return hash.digest('hex')
  },
  'write, then update': (make) => {
    const hash = make('sha256')
    hash.write('a')
    hash.write('b')
    hash.update('c')
    hash.write('d')
    return hash.digest('hex')
  },
  'write, then copy': (make) => {
    const hash = make('sha256')
    hash.write('a')
    hash.write('b')
    return hash.copy().update('c').digest('hex') + hash.digest('hex')
  },
  'end, then digest': (make) => {
    const hash = make('sha256')
    hash.end('abc')
    return hash.digest('hex')
  },
  'end, then read': (make) => {
    const hash = make('sha256')
    hash.end('abc')
    return hash.read()
  },
  'end, then read in an encoding': (make) => {
    const hash = make('sha256').setEncoding('base64')
    hash.end('abc')
    return hash.read()
  },
  'the encoding of the stream as an option': (make) => {
    const hash = make('sha256', { encoding: 'hex' })
    hash.end('abc')
    return hash.read()
  },
  'writes in an encoding': (make) => {
    const hash = make('sha256')
    hash.write('c3a4', 'hex')
    hash.write('\xff', 'latin1')
    hash.end('YQ==', 'base64')
    return hash.read()
  },
  'a default encoding': (make) => {
    const hash = make('sha256').setDefaultEncoding('latin1')
    hash.end('\xff')
    return hash.read()
  },
  'strings that the stream leaves as they are': (make) => {
    const hash = make('sha256', { decodeStrings: false })
    hash.write('abc')
    hash.end('616263', 'hex')
    return hash.read()
  },
  'corked writes': (make) => {
    const hash = make('sha256')
    hash.cork()
    hash.write('a')
    hash.write('b')
    hash.uncork()
    return hash.digest('hex')
  },
  'a stream': (make) => make('sha256') instanceof Transform
}

for (const [name, use] of Object.entries(USES)) {
  test(`as node:crypto: ${name}`, (t) => t.deepEqual(result(use, ours), result(use, theirs)))
}

test('an encoding that there is not is refused before the digest is given away', (t) => {
  const hash = createHash('sha256').update('a')
  for (const wrong of ['none', 'hexx']) t.is(t.throws(() => hash.digest(wrong), { instanceOf: TypeError }).code, 'ERR_INVALID_ARG_VALUE')
  for (const wrong of [5, {}, Symbol('hex')]) t.is(t.throws(() => hash.digest(wrong), { instanceOf: TypeError }).code, 'ERR_INVALID_ARG_TYPE')
  t.is(t.throws(() => { hash.digestAsync('none') }).code, 'ERR_INVALID_ARG_VALUE')
  t.is(hash.digest('hex'), sha256('a'))
})

test('an instance of Hash, of its algorithm, that only createHash makes', (t) => {
  const hash = createHash('SHA-256')
  t.true(hash instanceof Hash)
  t.is(hash.algorithm, 'sha256')
  t.is(t.throws(() => new Hash('sha256'), { instanceOf: TypeError }).code, 'ERR_ILLEGAL_CONSTRUCTOR')
})

test('update after the end of the stream: the digest is made', async (t) => {
  const hash = createHash('sha256')
  hash.end('abc')
  await once(hash, 'finish')
  t.is(t.throws(() => hash.update('d')).code, 'ERR_CRYPTO_HASH_FINALIZED')
  t.is(t.throws(() => hash.copy()).code, 'ERR_CRYPTO_HASH_FINALIZED')
  t.is(hash.digest('hex'), sha256('abc'))
})

test('write after digest: an error of the stream', async (t) => {
  const hash = createHash('sha256')
  hash.digest()
  hash.write('late')
  t.is((await once(hash, 'error'))[0].code, 'ERR_CRYPTO_HASH_FINALIZED')
})

test('end after digest is none', async (t) => {
  const hash = createHash('sha256').update('a')
  hash.digest()
  hash.end()
  t.is((await hash.toArray())[0].toString('hex'), sha256('a'))
})

test('a copy: options of its own, key and lane of the original', async (t) => {
  const key = Buffer.alloc(32, 1)
  const keyed = createHash('blake3', { key }).update('a')
  t.is(keyed.copy({ outputLength: 77 }).update('b').digest('hex'), hashSync('blake3', 'ab', { key, outputLength: 77 }))
  t.is(t.throws(() => keyed.copy({ key })).code, 'ERR_INVALID_ARG_VALUE')
  t.is(t.throws(() => keyed.copy({ outputLength: 0 })).code, 'ERR_OUT_OF_RANGE')
  const lane = new Lane()
  const copy = createHash('sha256', { lane }).copy()
  copy.end(LARGE)
  await finished(copy.resume())
  t.is(lane.stats().completed, 1)
})

// As a stream

test('a pipeline from a file, then digest', async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sidelane-stream-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const data = crypto.randomBytes(3 * MIB + 17)
  writeFileSync(path.join(directory, 'file'), data)
  const hash = createHash('sha256')
  await pipeline(createReadStream(path.join(directory, 'file')), hash)
  t.is(hash.digest('hex'), sha256(data))
})

test('piped on: the digest is what comes out', async (t) => {
  const through = new PassThrough()
  Readable.from([LARGE, LARGE]).pipe(createHash('sha256')).pipe(through)
  t.is(Buffer.concat(await through.toArray()).toString('hex'), sha256(Buffer.concat([LARGE, LARGE])))
})

test('chunks of one byte', async (t) => {
  const data = crypto.randomBytes(20_000)
  const hash = createHash('sha256')
  await pipeline(Readable.from([...data]).map((byte) => Buffer.of(byte)), hash)
  t.is(hash.digest('hex'), sha256(data))
})

test.serial('one chunk of 256 MiB', async (t) => {
  const data = Buffer.alloc(256 * MIB)
  const hash = createHash('xxh3-128')
  hash.end(data)
  t.is(await hash.digestAsync('hex'), hashSync('xxh3-128', data))
})

test('chunks of every size around that of the gathering buffer', async (t) => {
  for (const size of [GATHER - 1, GATHER, GATHER + 1, 2 * GATHER - 1, 2 * GATHER, 2 * GATHER + 1, 5 * GATHER]) {
    const data = crypto.randomBytes(size)
    const whole = createHash('sha256')
    whole.end(data)
    t.is((await whole.toArray())[0].toString('hex'), sha256(data), `${size}, at once`)
    const parts = createHash('sha256')
    for (let at = 0; at < size; at += 100_000) if (!parts.write(data.subarray(at, at + 100_000))) await once(parts, 'drain')
    parts.end()
    t.is((await parts.toArray())[0].toString('hex'), sha256(data), `${size}, in parts`)
  }
})

test('a full gathering buffer, and more later', async (t) => {
  const hash = createHash('sha256')
  const data = crypto.randomBytes(2 * GATHER)
  hash.write(data)
  await sleep(50)
  hash.write('more')
  t.is(await hash.digestAsync('hex'), sha256(Buffer.concat([data, Buffer.from('more')])))
})

test('a chunk that its sender uses again once it was taken', async (t) => {
  const hash = createHash('sha256')
  const taken = []
  const chunk = Buffer.alloc(300_000)
  for (let i = 0; i < 20; i++) {
    chunk.fill(i)
    taken.push(Buffer.from(chunk))
    await new Promise((resolve, reject) => { hash.write(chunk, (error) => (error ? reject(error) : resolve())) })
    chunk.fill(0xff)
  }
  hash.end()
  t.is(await hash.digestAsync('hex'), sha256(Buffer.concat(taken)))
})

test('a long output is made off the loop', async (t) => {
  const lane = new Lane()
  const outputLength = MIB
  const wanted = expected('shake256', 'a', 'hex', outputLength)
  const hash = createHash('shake256', { outputLength, lane })
  hash.end('a')
  t.is((await hash.toArray())[0].toString('hex'), wanted)
  t.is(await createHash('shake256', { outputLength, lane }).update('a').digestAsync('hex'), wanted)
  t.is(lane.stats().completed, 2)
})

test('little is hashed on the spot, much is not', async (t) => {
  const lane = new Lane()
  const little = createHash('sha256', { lane })
  little.end('little')
  await little.digestAsync()
  t.is(lane.stats().completed, 0)
  const much = createHash('sha256', { lane })
  much.end(LARGE)
  await much.digestAsync()
  t.is(lane.stats().completed, 1)
})

// digestAsync

test('end, and digestAsync at once', async (t) => {
  for (const size of [0, 10, 100_000, GATHER, 10 * MIB]) {
    const data = crypto.randomBytes(size)
    const hash = createHash('sha256')
    hash.end(data)
    t.is(await hash.digestAsync('hex'), sha256(data), `${size}`)
    t.is((await hash.toArray())[0].toString('hex'), sha256(data), `${size}`)
  }
})

test('writes, and digestAsync at once: all of them are in it', async (t) => {
  const data = crypto.randomBytes(10 * MIB)
  const hash = createHash('sha256')
  hash.write(data)
  hash.write('and')
  hash.write('more')
  t.is(await hash.digestAsync('hex'), sha256(Buffer.concat([data, Buffer.from('andmore')])))
})

test('digestAsync has in it what was written while the stream was corked', async (t) => {
  for (const size of [3, 100_000, 3 * MIB]) {
    const hash = createHash('sha256')
    const data = Buffer.alloc(size, 'corked')
    hash.cork()
    hash.cork()
    hash.write(data)
    hash.write('more')
    t.is(await hash.digestAsync('hex'), sha256(Buffer.concat([data, Buffer.from('more')])))
    hash.uncork()
  }
})

test('digestAsync gives what digest gives, once', async (t) => {
  t.deepEqual(await createHash('sha256').update('a').digestAsync(), crypto.createHash('sha256').update('a').digest())
  const hash = createHash('sha256').update(LARGE)
  hash.write(LARGE)
  const [first, second] = await Promise.all([outcome(hash.digestAsync('base64')), outcome(hash.digestAsync())])
  t.is(first.value, expected('sha256', Buffer.concat([LARGE, LARGE]), 'base64'))
  t.is(second.error.code, 'ERR_CRYPTO_HASH_FINALIZED')
  t.is(t.throws(() => hash.digest()).code, 'ERR_CRYPTO_HASH_FINALIZED')
})

test('digestAsync after the stream has ended, and been read', async (t) => {
  const hash = createHash('sha256')
  hash.end(LARGE)
  await hash.toArray()
  t.true(hash.destroyed)
  t.is(await hash.digestAsync('hex'), sha256(LARGE))
})

// A lane that is busy

test.serial('a synchronous call while streamed work is under way: ERR_INVALID_STATE', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const release = await hold(t, lane)
  const hash = createHash('sha256', { lane })
  hash.write(Buffer.alloc(GATHER))
  for (const call of [() => hash.update('a'), () => hash.digest(), () => hash.copy()]) t.is(t.throws(call).code, 'ERR_INVALID_STATE')
  await release()
  await until(() => lane.stats().completed === 1)
  await turn()
  t.is(hash.update('a').digest('hex'), sha256(Buffer.concat([Buffer.alloc(GATHER), Buffer.from('a')])))
})

test.serial('backpressure: two buffers are full, the sender waits', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const release = await hold(t, lane)
  const hash = createHash('sha256', { lane })
  const chunk = crypto.randomBytes(64 * 1024)
  let written = 0
  let taken = 0
  while (hash.write(chunk, () => { taken += chunk.length }) && written < 100 * MIB) written += chunk.length
  written += chunk.length
  await sleep(20)
  // One buffer with its job, one behind it; what the stream itself holds is as much as a buffer.
  t.is(taken, 2 * GATHER)
  t.true(written <= 3 * GATHER + 2 * chunk.length, `${written}`)
  t.is(lane.stats().queued, 1)
  t.is(lane.stats().queuedBytes, GATHER)
  await release()
  if (hash.writableNeedDrain) await once(hash, 'drain')
  hash.end()
  t.is(await hash.digestAsync('hex'), sha256(Buffer.concat(Array(written / chunk.length).fill(chunk))))
})

test.serial('a source is read no faster than it is hashed', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  const release = await hold(t, lane)
  let made = 0
  const source = new Readable({
    read (size) {
      made += size
      this.push(made > 20 * MIB ? null : Buffer.alloc(size, made))
    }
  })
  const hash = createHash('sha256', { lane })
  const done = pipeline(source, hash)
  await sleep(50)
  t.true(made < 3 * MIB, `${made}`)
  await release()
  await done
  t.regex(hash.digest('hex'), /^[0-9a-f]{64}$/)
})

test.serial('a full lane delays a stream and does not fail it', async (t) => {
  for (const options of [{ maxQueue: 0 }, { maxQueueBytes: GATHER }, { overflow: 'wait', maxQueue: 0 }]) {
    const lane = new Lane({ concurrency: 1, ...options })
    const release = await hold(t, lane)
    const data = crypto.randomBytes(3 * MIB)
    const hashes = Array.from({ length: 3 }, () => createHash('sha256', { lane }))
    const digests = Promise.all(hashes.map((hash) => {
      hash.end(data)
      return hash.digestAsync('hex')
    }))
    await sleep(20)
    t.true(await isPending(digests), JSON.stringify(options))
    await release()
    t.deepEqual(await digests, Array(3).fill(sha256(data)), JSON.stringify(options))
  }
})

test('a lane that was closed: an error of the stream', async (t) => {
  const lane = new Lane()
  const hash = createHash('sha256', { lane })
  await lane.close()
  t.is((await reason(pipeline(Readable.from([LARGE]), hash))).code, 'ERR_LANE_CLOSED')
  t.is(t.throws(() => hash.digest()).code, 'ERR_LANE_CLOSED')
})

test.serial('a lane that is closed in the midst: whoever waits is told', async (t) => {
  const lane = new Lane({ concurrency: 1 })
  await hold(t, lane)
  const hash = createHash('sha256', { lane })
  const errors = []
  hash.on('error', (error) => errors.push(error.code))
  hash.end(Buffer.alloc(4 * MIB))
  const digest = reason(hash.digestAsync())
  await lane.close({ timeout: 0 })
  t.is((await digest).code, 'ERR_LANE_CLOSED')
  await turn()
  t.deepEqual(errors, ['ERR_LANE_CLOSED'])
  t.true(hash.destroyed)
})

test.serial('100 streams at once', async (t) => {
  const data = Array.from({ length: 100 }, () => crypto.randomBytes(700_000))
  const digests = await Promise.all(data.map(async (each) => {
    const hash = createHash('sha256')
    await pipeline(Readable.from([each.subarray(0, 300_000), each.subarray(300_000)]), hash)
    return hash.digest('hex')
  }))
  t.deepEqual(digests, data.map(sha256))
})

// Its end before its time

const STATES = {
  'before anything': () => {},
  'with little gathered': (hash) => hash.write('little'),
  'during a job': (hash) => hash.write(Buffer.alloc(GATHER)),
  'while a chunk waits': (hash) => hash.write(Buffer.alloc(4 * GATHER)),
  'while more is in the stream': (hash) => {
    hash.write(Buffer.alloc(4 * GATHER))
    hash.write('more')
    hash.write('and more')
  },
  'in its flush': (hash) => hash.end(LARGE),
  'when it was ended with much': (hash) => hash.end(Buffer.alloc(4 * GATHER)),
  'while corked': (hash) => {
    hash.cork()
    hash.write('a')
  },
  'asked for its digest': (hash) => {
    hash.write(LARGE)
    hash.digestAsync().catch(() => {})
  }
}

for (const [state, reach] of Object.entries(STATES)) {
  for (const error of [undefined, new Error('destroyed by the test')]) {
    test.serial(`destroyed ${state}, with ${error ? 'an' : 'no'} error`, async (t) => {
      const lane = new Lane({ concurrency: 1 })
      const release = await hold(t, lane)
      const hash = createHash('sha256', { lane })
      const errors = []
      hash.on('error', (found) => errors.push(found))
      let closed = 0
      hash.on('close', () => closed++)
      reach(hash)
      hash.destroy(error)
      hash.destroy(new Error('again'))
      // Its place in the queue is free at once.
      t.is(lane.stats().queued, 0)
      await release()
      await lane.idle()
      await sleep(1)
      t.deepEqual(errors, error ? [error] : [])
      t.is(closed, 1)
      for (const call of [() => hash.digest(), () => hash.update('a'), () => hash.copy()]) {
        const found = t.throws(call)
        if (state === 'asked for its digest') t.is(found.code, 'ERR_CRYPTO_HASH_FINALIZED')
        else if (error) t.is(found, error)
        else t.is(found.code, 'ERR_INVALID_STATE')
      }
      t.truthy(await reason(hash.digestAsync()))
    })
  }
}

test.serial('destroyed while its job runs: the slot is free soon', async (t) => {
  const lane = new Lane()
  await within(t, 50, async () => {
    // The slowest, 2.4 ms a job of GATHER bytes: looked for at every turn, as a look every millisecond missed all eight of 4 MiB on a busy machine.
    const hash = createHash('sha3-512', { lane })
    hash.write(Buffer.alloc(64 * GATHER))
    while (lane.stats().running === 0 && lane.stats().completed < 64) await turn()
    t.is(lane.stats().running, 1)
    const start = performance.now()
    hash.destroy()
    await lane.idle()
    return performance.now() - start
  })
})

test('destroyed after its end: the digest is still there', async (t) => {
  const hash = createHash('sha256')
  hash.end(LARGE)
  await once(hash, 'finish')
  hash.destroy()
  t.is(hash.digest('hex'), sha256(LARGE))
})

test('ended twice', async (t) => {
  const hash = createHash('sha256')
  const error = once(hash, 'error')
  hash.end('a')
  hash.end('b')
  t.is((await error)[0].code, 'ERR_STREAM_WRITE_AFTER_END')
  const twice = createHash('sha256')
  twice.end('a')
  twice.end()
  t.is(await twice.digestAsync('hex'), sha256('a'))
})

test('an error of the source ends the hash, and that of a target', async (t) => {
  const broken = new Error('broken')
  const hash = createHash('sha256')
  t.is(await reason(pipeline(async function * () { yield LARGE; throw broken }, hash)), broken)
  t.true(hash.destroyed)
  t.throws(() => hash.digest())
  const second = createHash('sha256')
  t.is(await reason(pipeline(Readable.from([LARGE]), second, new Writable({ write (_, __, callback) { callback(broken) } }))), broken)
  t.true(second.destroyed)
})

test('a signal: aborted before, in the midst, and after', async (t) => {
  const before = createHash('sha256', { signal: AbortSignal.abort('why') })
  const [error] = await once(before, 'error')
  t.like(error, { name: 'AbortError', code: 'ABORT_ERR', cause: 'why' })
  t.throws(() => before.update('a'))

  const controller = new AbortController()
  const midst = createHash('sha256', { signal: controller.signal })
  const failed = once(midst, 'error')
  midst.write(Buffer.alloc(4 * MIB))
  controller.abort()
  t.is((await failed)[0].name, 'AbortError')
  t.true(midst.destroyed)

  const late = new AbortController()
  const after = createHash('sha256', { signal: late.signal })
  after.end('a')
  await after.toArray()
  late.abort()
  t.is(after.digest('hex'), sha256('a'))
})

test('what a listener throws is the program\'s, not the stream\'s', async (t) => {
  const { child } = await import('./helpers/child.mjs')
  const { stdout } = await child(`
    process.on('uncaughtException', (error) => console.log('uncaught', error.message))
    process.on('unhandledRejection', (error) => console.log('unhandled', error.message))
    const read = s.createHash('sha256')
    read.on('error', (error) => console.log('stream', error.message))
    read.on('data', () => { throw new Error('in data') })
    read.end(Buffer.alloc(100_000))
    const written = s.createHash('sha256')
    written.on('error', (error) => console.log('stream', error.message))
    written.write(Buffer.alloc(3 << 20), () => { throw new Error('in write') })
  `)
  t.deepEqual(stdout.split('\n').toSorted(), ['uncaught in data', 'uncaught in write'])
})

test('a chunk that is none: an error of the stream', async (t) => {
  const hash = createHash('sha256', { objectMode: true })
  hash.write({})
  t.is((await once(hash, 'error'))[0].code, 'ERR_INVALID_ARG_TYPE')
})

test('views of any kind as chunks, where the stream takes objects', async (t) => {
  const hash = createHash('sha256', { writableObjectMode: true })
  hash.write(new DataView(new ArrayBuffer(5), 1))
  hash.write(Float64Array.of(1))
  hash.end('text')
  t.is(await hash.digestAsync('hex'), sha256(Buffer.concat([Buffer.alloc(4), Buffer.from(Float64Array.of(1).buffer), Buffer.from('text')])))
})

test('wrong options: thrown at once', (t) => {
  const wrong = { ERR_INVALID_ARG_TYPE: [{ lane: 5 }, { priority: 5 }, { signal: {} }, { outputLength: '5' }, { key: 5 }, 5, 'hex', []], ERR_INVALID_ARG_VALUE: [{ priority: 'none' }, { key: Buffer.alloc(32) }, { outputLength: 31 }, { writableHighWaterMark: -1 }], ERR_OUT_OF_RANGE: [{ outputLength: 0 }] }
  for (const [code, each] of Object.entries(wrong)) {
    for (const options of each) t.is(t.throws(() => createHash('sha256', options)).code, code, JSON.stringify(options))
  }
})

test('options are read once', (t) => {
  const reads = {}
  const options = {}
  for (const name of ['outputLength', 'key', 'lane', 'priority', 'signal', 'highWaterMark']) {
    Object.defineProperty(options, name, { enumerable: true, get: () => void (reads[name] = (reads[name] ?? 0) + 1) })
  }
  createHash('blake3', options)
  createHash('blake3').copy(options)
  t.deepEqual(reads, { outputLength: 2, key: 2, lane: 2, priority: 2, signal: 2, highWaterMark: 2 })
})

test.serial('states of hashes that were refused, finished, destroyed or forgotten are freed', async (t) => {
  // More than are ever free: the highest handle then tells how many are in use.
  const highest = () => {
    const handles = Array.from({ length: 4000 }, () => native.newHasher(0))
    for (const handle of handles) native.dropHasher(handle)
    return Math.max(...handles)
  }
  await collect()
  const before = highest()
  for (let i = 0; i < 200; i++) {
    t.throws(() => createHash('sha256', { lane: 5 }))
    t.throws(() => createHash('sha256', { highWaterMark: -1 }))
    createHash('sha256').digest()
    const copied = createHash('sha256')
    t.throws(() => copied.copy({ highWaterMark: -1 }))
    copied.copy().destroy()
    copied.destroy()
    createHash('sha256').update('forgotten')
  }
  await until(async () => {
    await collect()
    return highest() <= before + 2
  }, 'the states are freed', 5000 * SLOW)
  t.pass()
})
