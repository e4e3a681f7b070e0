// hash, hashSync, hmac, getHashes: what they promise besides the right digest (see hash-vectors and properties).
import { tracingChannel } from 'node:diagnostics_channel'
import test from 'ava'
import { Lane, hash, hashSync, hmac } from './helpers/sidelane.mjs'
import { getHashes } from 'sidelane'
import { ENCODINGS, HMACS, expected, expectedHmac } from './helpers/cases.mjs'
import { outcome, reason } from './helpers/time.mjs'

test('getHashes: all names, sorted, a list of its own', (t) => {
  t.deepEqual(getHashes(), [
    'blake2b512', 'blake2s256', 'blake3', 'crc32', 'crc32c', 'crc64nvme', 'md5', 'sha1', 'sha224', 'sha256', 'sha3-224', 'sha3-256', 'sha3-384', 'sha3-512',
    'sha384', 'sha512', 'sha512-256', 'shake128', 'shake256', 'xxh3-128', 'xxh3-64', 'xxh64'
  ])
  getHashes().length = 0
  t.is(getHashes().length, 22)
})

test('names in any letters, and as OpenSSL writes them', (t) => {
  for (const name of ['SHA256', 'Sha256', 'sha-256', 'SHA-256']) t.is(hashSync(name, 'a'), expected('sha256', 'a'))
  for (const name of getHashes()) t.is(hashSync(name.toUpperCase(), 'a'), hashSync(name, 'a'))
  t.is(hashSync('SHA-512-256', 'a'), expected('sha512-256', 'a'))
})

test('encodings: text or a Buffer', async (t) => {
  for (const encoding of ENCODINGS) {
    for (const inline of [true, false]) {
      const digest = await hash('sha256', 'a', { encoding, inline })
      t.deepEqual(digest, expected('sha256', 'a', encoding))
      t.is(Buffer.isBuffer(digest), encoding === 'buffer')
    }
  }
})

test('the algorithm\'s own length may be asked for', (t) => {
  t.is(hashSync('sha256', 'a', { outputLength: 32 }), expected('sha256', 'a'))
  t.is(hashSync('shake128', 'a'), expected('shake128', 'a', 'hex', 16))
})

test('a key changes the digest of blake3', async (t) => {
  const key = Buffer.alloc(32, 'k')
  const keyed = hashSync('blake3', 'a', { key })
  t.not(keyed, hashSync('blake3', 'a'))
  t.is(await hash('blake3', 'a', { key, inline: false }), keyed)
  t.is(hashSync('blake3', 'a', { key: key.toString() }), keyed)
  t.is(hashSync('blake3', 'a', { key: new DataView(key.buffer, key.byteOffset, 32) }), keyed)
})

test('inline says where the work is done', async (t) => {
  const lane = new Lane()
  const small = 'a'
  const large = Buffer.alloc(1 << 20)
  const completed = async (data, options) => {
    const before = lane.stats().completed
    await hash('sha256', data, { lane, ...options })
    await hmac('sha256', 'k', data, { lane, ...options })
    return lane.stats().completed - before
  }
  t.is(await completed(small), 0)
  t.is(await completed(small, { inline: false }), 2)
  t.is(await completed(large), 2)
  t.is(await completed(large, { inline: true }), 0)
})

test('a long output is work too', async (t) => {
  const lane = new Lane()
  await hash('shake256', 'a', { outputLength: 1 << 20, lane })
  t.is(lane.stats().completed, 1)
})

test('a small task is done when the call returns, and settles like others', async (t) => {
  let settled = false
  const digest = hash('sha256', 'a')
  digest.then(() => { settled = true })
  t.false(settled)
  t.is(await digest, expected('sha256', 'a'))
})

test('what is refused is refused on the spot as well', async (t) => {
  const lane = new Lane()
  await lane.close()
  for (const call of [(options) => hash('sha256', 'a', options), (options) => hmac('sha256', 'k', 'a', options)]) {
    t.is((await reason(call({ lane }))).code, 'ERR_LANE_CLOSED')
    t.is(await reason(call({ signal: AbortSignal.abort('why') })), 'why')
    t.is((await reason(call({ signal: AbortSignal.abort(), inline: true }))).name, 'AbortError')
  }
})

test('wrong data is thrown at once, even with a signal that was aborted', (t) => {
  for (const inline of [undefined, true, false]) {
    for (const data of [undefined, null, 5, {}, [1, 2], new Date(), true, 5n, Symbol('data'), () => {}]) {
      for (const call of [() => hash('sha256', data, { inline, signal: AbortSignal.abort() }), () => hmac('sha256', 'k', data, { inline, signal: AbortSignal.abort() }), () => hmac('sha256', data, 'a', { inline })]) {
        t.is(t.throws(() => { call() }, { instanceOf: TypeError }).code, 'ERR_INVALID_ARG_TYPE')
      }
    }
  }
})

test('hmac: every algorithm that has one, and no other', async (t) => {
  const able = []
  for (const name of getHashes()) {
    const { value, error } = await outcome((async () => hmac(name, 'k', 'a'))())
    if (value) able.push(name)
    else t.is(error.code, 'ERR_INVALID_ARG_VALUE')
  }
  t.deepEqual(able, HMACS.toSorted())
})

test('hmac: an empty key, one of a block, a longer one', async (t) => {
  for (const length of [0, 63, 64, 65, 1000]) {
    const key = Buffer.alloc(length, 3)
    t.is(await hmac('sha256', key, 'a'), expectedHmac('sha256', key, 'a'))
    t.is(await hmac('sha256', key, 'a', { inline: false }), expectedHmac('sha256', key, 'a'))
  }
})

test.serial('work on the spot is traced, in bytes, and wrong data is no work', async (t) => {
  const seen = []
  const subscriber = { start () {}, end () {}, asyncStart () {}, asyncEnd: (trace) => seen.push(trace), error () {} }
  const channel = tracingChannel('sidelane:task')
  channel.subscribe(subscriber)
  t.teardown(() => channel.unsubscribe(subscriber))
  await hash('sha256', 'ä')
  await hmac('sha256', 'k', new Uint16Array(3))
  t.is(t.throws(() => { hash('sha256', undefined, { inline: true }) }).code, 'ERR_INVALID_ARG_TYPE')
  t.deepEqual(seen.map(({ operation, lane, bytes, outcome }) => ({ operation, lane, bytes, outcome })), [
    { operation: 'hash', lane: null, bytes: 2, outcome: 'completed' },
    { operation: 'hmac', lane: null, bytes: 6, outcome: 'completed' }
  ])
})
