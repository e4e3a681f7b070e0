// Whatever goes in, the answer is node:crypto's.
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import zlib from 'node:zlib'
import test from 'ava'
import * as fc from 'fast-check'
import { createHash, getHashes, hash, hashMany, hashSync, hmac } from 'sidelane'
import { bytes, dressed, encoding, inline, pieces, text } from './helpers/arbitraries.mjs'
import { HMACS, NODE, XOFS, expected, expectedHmac } from './helpers/cases.mjs'

const algorithm = fc.constantFrom(...NODE)
const plain = (value) => (Array.isArray(value) ? value.map(plain) : Buffer.isBuffer(value) ? `buffer ${value.toString('hex')}` : value)
const same = (t, found, wanted) => { if (JSON.stringify(plain(found)) !== JSON.stringify(plain(wanted))) t.deepEqual(plain(found), plain(wanted)) }

/** fast-check throws when a property fails; ava wants to have seen an assertion. */
async function holds (t, property, numRuns) {
  await fc.assert(property, { numRuns })
  t.pass()
}

test('bytes in any guise, every encoding', (t) => holds(t, fc.asyncProperty(algorithm, dressed, encoding, inline, async (algorithm, { data, dress }, encoding, inline) => {
  const wanted = expected(algorithm, data, encoding)
  same(t, hashSync(algorithm, dress(), { encoding }), wanted)
  same(t, await hash(algorithm, dress(), { encoding, inline }), wanted)
}), 500))

test('any string, lone surrogates too', (t) => holds(t, fc.asyncProperty(algorithm, text, encoding, inline, async (algorithm, text, encoding, inline) => {
  const wanted = expected(algorithm, text, encoding)
  same(t, hashSync(algorithm, text, { encoding }), wanted)
  same(t, await hash(algorithm, text, { encoding, inline }), wanted)
  same(t, createHash(algorithm).update(text).digest('hex'), expected(algorithm, text))
}), 500))

test('every algorithm agrees with itself, by whichever way', (t) => holds(t, fc.asyncProperty(fc.constantFrom(...getHashes()), pieces, async (algorithm, { data, pieces }) => {
  const digest = hashSync(algorithm, data)
  const updated = createHash(algorithm)
  for (const piece of pieces) updated.update(piece)
  same(t, updated.digest('hex'), digest)
  const stream = createHash(algorithm)
  await pipeline(Readable.from(pieces, { objectMode: true }), stream)
  same(t, stream.digest('hex'), digest)
  same(t, await hash(algorithm, data, { inline: false }), digest)
  same(t, await hashMany(algorithm, [data, data]), [digest, digest])
}), 300))

test('outputs of any length', (t) => holds(t, fc.asyncProperty(fc.constantFrom(...XOFS), bytes, fc.oneof(fc.integer({ min: 1, max: 600 }), fc.constantFrom(16, 32, 65_535, 65_536, 65_537, 1_048_576)), inline, async (algorithm, data, outputLength, inline) => {
  const wanted = expected(algorithm, data, 'hex', outputLength)
  same(t, hashSync(algorithm, data, { outputLength }), wanted)
  same(t, await hash(algorithm, data, { outputLength, inline }), wanted)
  same(t, createHash(algorithm, { outputLength }).update(data).digest('hex'), wanted)
  same(t, await createHash(algorithm, { outputLength }).update(data).digestAsync('hex'), wanted)
}), 100))

test('HMAC with keys of any length', (t) => holds(t, fc.asyncProperty(fc.constantFrom(...HMACS), fc.oneof(bytes, text), fc.oneof(bytes, text), encoding, inline, async (algorithm, key, data, encoding, inline) => {
  same(t, await hmac(algorithm, key, data, { encoding, inline }), expectedHmac(algorithm, key, data, encoding))
}), 500))

test('updates, writes and copies in any order', (t) => holds(t, fc.property(algorithm, fc.array(fc.tuple(fc.constantFrom('update', 'write', 'copy'), fc.oneof(bytes, text)), { maxLength: 8 }), (algorithm, steps) => {
  const taken = []
  let ours = createHash(algorithm)
  for (const [step, data] of steps) {
    if (step === 'copy') {
      const copy = ours.copy()
      // The original goes another way from here.
      ours.update(data)
      ours = copy
    } else {
      ours[step](data)
      taken.push(Buffer.from(data))
    }
  }
  same(t, ours.digest('hex'), expected(algorithm, Buffer.concat(taken)))
}), 300))

const source = Buffer.alloc(4 << 20)
for (let i = 0; i < source.length; i++) source[i] = (i * 31) ^ (i >> 7)
/** Sizes around that of the gathering buffer, 512 KiB, and what happens between two writes. */
const written = fc.tuple(fc.oneof(fc.nat(3000), fc.nat(1_500_000), fc.constantFrom(0, 524_287, 524_288, 524_289, 1_048_576)), fc.constantFrom('nothing', 'turn', 'drain', 'cork', 'uncork'))

test('a stream of chunks of any size, at any pace, read in any way', (t) => holds(t, fc.asyncProperty(fc.constantFrom('crc32', 'sha256', 'blake3'), fc.array(written, { maxLength: 8 }), fc.constantFrom('digestAsync', 'end and digestAsync', 'read', 'finish'), async (algorithm, writes, way) => {
  const stream = createHash(algorithm)
  const taken = []
  for (const [size, then] of writes) {
    const chunk = source.subarray(taken.length, taken.length + size)
    taken.push(chunk)
    const more = stream.write(chunk)
    if (then === 'turn') await new Promise(setImmediate)
    else if (then === 'drain' && !more && stream.writableCorked === 0) await once(stream, 'drain')
    else if (then !== 'drain' && then !== 'nothing') stream[then]()
  }
  while (stream.writableCorked > 0) stream.uncork()
  const wanted = hashSync(algorithm, Buffer.concat(taken))
  if (way !== 'digestAsync') stream.end()
  if (way.endsWith('digestAsync')) return same(t, await stream.digestAsync('hex'), wanted)
  if (way === 'read') return same(t, (await stream.toArray())[0].toString('hex'), wanted)
  if (!stream.writableFinished) await once(stream, 'finish')
  same(t, stream.digest('hex'), wanted)
}), 40))

const items = fc.array(fc.oneof(text.map((text) => ({ data: Buffer.from(text), dress: () => text })), dressed), { maxLength: 12 })

test('hashMany of strings and bytes, mixed', (t) => holds(t, fc.asyncProperty(algorithm, items, encoding, inline, async (algorithm, items, encoding, inline) => {
  same(t, await hashMany(algorithm, items.map(({ dress }) => dress()), { encoding, inline }), items.map(({ data }) => expected(algorithm, data, encoding)))
}), 300))

test('hashMany of strings', (t) => holds(t, fc.asyncProperty(algorithm, fc.array(text, { maxLength: 12 }), encoding, inline, async (algorithm, items, encoding, inline) => {
  same(t, await hashMany(algorithm, items, { encoding, inline }), items.map((item) => expected(algorithm, item, encoding)))
}), 300))

test('hashMany of packed messages', (t) => holds(t, fc.asyncProperty(algorithm, pieces, fc.nat(20), fc.nat(20), inline, async (algorithm, { data, pieces }, before, after, inline) => {
  const packed = Buffer.concat([Buffer.alloc(before, 1), data, Buffer.alloc(after, 2)])
  const offsets = Uint32Array.from([before, ...pieces.map((piece) => piece.byteOffset + piece.length - data.byteOffset + before)])
  same(t, await hashMany(algorithm, { data: packed, offsets }, { inline }), pieces.map((piece) => expected(algorithm, piece)))
  const { data: digests, digestLength } = await hashMany(algorithm, { data: packed, offsets }, { encoding: 'packed' })
  same(t, digests.toString('hex'), pieces.map((piece) => expected(algorithm, piece)).join(''))
  t.is(digestLength, expected(algorithm, '').length / 2)
}), 200))

const crc32 = zlib.crc32 ? test : test.skip
crc32('crc32 is zlib\'s', (t) => holds(t, fc.property(bytes, (data) => same(t, hashSync('crc32', data), zlib.crc32(data).toString(16).padStart(8, '0'))), 300))
