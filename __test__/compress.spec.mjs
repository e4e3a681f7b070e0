// compress: what it writes node:zlib reads, what node:zlib writes it reads, and it refuses what node:zlib refuses.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import test from 'ava'
import * as fc from 'fast-check'
import { CompressDataError, Lane, LaneFullError, TooLargeError, UnsupportedError, compress } from 'sidelane'

const MiB = 1024 * 1024
const run = promisify(execFile)

/** How each format is packed and unpacked; the names are node:zlib's. */
const FORMATS = [['gzip', 'gunzip'], ['deflate', 'inflate'], ['deflateRaw', 'inflateRaw']]
/** Checksums cannot be seen from outside: formats whose damage is found. */
const CHECKED = FORMATS.slice(0, 2)

const theirs = (name, data, options) => zlib[`${name}Sync`](data, options)
const ours = (name, data, options) => compress[`${name}Sync`](data, options)

/** Text with much that repeats, and some that does not. */
function text (bytes, seed = 1) {
  let x = seed
  const lines = []
  for (let length = 0, id = 0; length < bytes; id++) {
    x = (x * 1103515245 + 12345) % 2147483648
    const line = JSON.stringify({ id, type: `T${x % 7}`, text: 'é"\\'.repeat(x % 5), hash: x.toString(36), at: 1.7e12 + id * 31 })
    lines.push(line)
    length += line.length + 1
  }
  return Buffer.from(lines.join('\n')).subarray(0, bytes)
}

/** The answer of a synchronous call: the text, or that it failed. */
function answer (call) {
  try {
    return call().toString('latin1')
  } catch (error) {
    if (error instanceof CompressDataError || error.code?.startsWith('Z_')) return 'refused'
    throw error
  }
}

/** Fails with the input when ours differs from node:zlib's. */
function same (t, name, data) {
  const [found, wanted] = [answer(() => ours(name, data)), answer(() => theirs(name, data))]
  if (found !== wanted) t.fail(`${name} of ${data.toString('hex')}: ${found.slice(0, 100)}, not ${wanted.slice(0, 100)}`)
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.array(fc.constantFrom('a', 'bc', '{"x":', '\0', '\n'), { maxLength: 500 }).map((parts) => Buffer.from(parts.join('')))
)

test('both ways, at every level', async (t) => {
  await fc.assert(fc.asyncProperty(bytes, fc.integer({ min: -1, max: 9 }), fc.boolean(), async (data, level, inline) => {
    for (const [pack, unpack] of FORMATS) {
      const packed = await compress[pack](data, { level, inline })
      if (!theirs(unpack, packed).equals(data)) t.fail(`${pack} of ${data}`)
      const unpacked = await compress[unpack](theirs(pack, data, { level }), { inline })
      if (!unpacked.equals(data)) t.fail(`${unpack} of ${data}`)
      if (!ours(unpack, ours(pack, data, { level })).equals(data)) t.fail(`${pack}, ${unpack} of ${data}`)
    }
  }), { numRuns: 150 })
  t.pass()
})

for (const size of [0, 1, 3 * MiB, 3 * MiB + 1]) {
  test(`${size} bytes, both ways; one stream, however many pieces`, async (t) => {
    const data = text(size)
    for (const [pack, unpack] of FORMATS) {
      for (const level of [0, 1, 6]) {
        const packed = await compress[pack](data, { level, inline: false })
        t.true(theirs(unpack, packed).equals(data), `${pack} ${level}`)
        t.true(ours(pack, data, { level }).equals(packed), 'threads do not change the answer')
        t.true((await compress[unpack](packed, { inline: false, maxOutputLength: size })).equals(data), `${unpack} ${level}`)
        t.true((await compress[unpack](theirs(pack, data, { level, chunkSize: 65536 }), { transfer: true })).equals(data))
        // At most 2 % larger.
        if (level === 6 && size > MiB) t.true(packed.length < theirs(pack, data).length * 1.02, `${packed.length}`)
      }
    }
  })
}

test('a browser reads no further than one member: there is one', (t) => {
  const data = text(5 * MiB)
  const packed = ours('gzip', data)
  // A raw stream ends with its last block. What is left are checksum and length.
  const stream = packed.subarray(10)
  const { buffer, engine } = zlib.inflateRawSync(stream, { info: true })
  t.true(buffer.equals(data))
  t.is(engine.bytesWritten, stream.length - 8)
})

test('cut at every byte, any bit flipped: what node:zlib says', (t) => {
  const data = text(700)
  for (const [pack, unpack] of FORMATS) {
    for (const packed of [theirs(pack, data), ours(pack, data), theirs(pack, data, { strategy: zlib.constants.Z_FIXED }), theirs(pack, data, { level: 0 })]) {
      for (let end = 0; end < packed.length; end++) same(t, unpack, packed.subarray(0, end))
      for (let bit = 0; bit < packed.length * 8; bit++) {
        const damaged = Buffer.from(packed)
        damaged[bit >> 3] ^= 1 << (bit & 7)
        same(t, unpack, damaged)
      }
    }
  }
  t.pass()
})

test('a truncated or damaged input is told', async (t) => {
  for (const [pack, unpack] of FORMATS) {
    const packed = theirs(pack, text(2000))
    const error = await t.throwsAsync(compress[unpack](packed.subarray(0, 100), { inline: false }), { instanceOf: CompressDataError, code: 'ERR_COMPRESS_DATA', message: /ends too early, after 100 bytes/ })
    t.is(error.offset, 100)
    t.is(error.statusCode, 400)
    t.throws(() => ours(unpack, packed.subarray(0, 100)), { instanceOf: CompressDataError })
    await t.throwsAsync(compress[unpack](packed.subarray(0, 100), { inline: true }), { instanceOf: CompressDataError })
    t.throws(() => ours(unpack, ''), { instanceOf: CompressDataError, message: /after 0 bytes/ })
  }
  for (const [pack, unpack] of CHECKED) {
    const packed = theirs(pack, text(2000))
    packed[packed.length - (pack === 'gzip' ? 8 : 4)] ^= 1
    t.throws(() => ours(unpack, packed), { instanceOf: CompressDataError, message: /corrupt: incorrect data check/ })
  }
  t.throws(() => ours('gunzip', theirs('deflate', 'a')), { instanceOf: CompressDataError, message: /corrupt: incorrect header check/ })
  t.throws(() => ours('inflate', zlib.deflateSync('a', { dictionary: Buffer.from('abc') })), { instanceOf: CompressDataError, message: /preset dictionary/ })
})

test('members, padding and garbage: what node:zlib says', (t) => {
  const member = fc.tuple(bytes, fc.boolean()).map(([data, our]) => (our ? ours : theirs)('gzip', data))
  const garbage = fc.oneof(fc.constant(Buffer.alloc(0)), fc.constantFrom(...[[0], [0, 0, 0, 1], [1], [31], [31, 139], [31, 139, 8, 0], [31, 139, 255, 255], [80, 75]].map((bytes) => Buffer.from(bytes))))
  fc.assert(fc.property(fc.array(member, { minLength: 1, maxLength: 4 }), garbage, (members, garbage) => {
    same(t, 'gunzip', Buffer.concat([...members, garbage]))
    same(t, 'gunzip', Buffer.concat([members[0], garbage, ...members]))
    same(t, 'inflate', Buffer.concat([theirs('deflate', members[0]), garbage]))
    same(t, 'inflateRaw', Buffer.concat([theirs('deflateRaw', members[0]), garbage]))
  }), { numRuns: 500 })
  t.pass()
})

test('gzip headers with everything: what node:zlib says', (t) => {
  const body = theirs('gzip', 'some text').subarray(10)
  const field = { 4: [3, 0, 1, 2, 3], 8: [...Buffer.from('name.txt\0')], 16: [...Buffer.from('a comment\0')] }
  for (let flags = 0; flags < 256; flags++) {
    const head = [31, 139, 8, flags, 1, 2, 3, 4, 0, 3, ...[4, 8, 16].flatMap((flag) => (flags & flag ? field[flag] : []))]
    const crc = flags & 2 ? crc16(Buffer.from(head)) : []
    for (const end of [crc, flags & 2 ? [0, 0] : []]) same(t, 'gunzip', Buffer.concat([Buffer.from([...head, ...end]), body]))
  }
  t.pass()
})

/** The lower half of a CRC-32. */
function crc16 (data) {
  const crc = theirs('gzip', data).readUInt16LE(theirs('gzip', data).length - 8)
  return [crc & 255, crc >> 8]
}

test('any bytes: what node:zlib says', (t) => {
  const heads = [[], [31, 139, 8, 0, 0, 0, 0, 0, 0, 3], [0x78, 0x9c]].map((head) => Buffer.from(head))
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(...heads), (tail, head) => {
    for (const [, unpack] of FORMATS) same(t, unpack, Buffer.concat([head, tail]))
  }), { numRuns: 2000 })
  t.pass()
})

test('every input that is bytes; transfer takes it over', async (t) => {
  const packed = theirs('gzip', 'some text')
  const whole = new Uint8Array(packed)
  const shared = new Uint8Array(new SharedArrayBuffer(packed.length))
  shared.set(packed)
  for (const input of [packed, whole, whole.buffer, new DataView(whole.buffer), shared, shared.buffer]) {
    t.is(ours('gunzip', input).toString(), 'some text')
    t.is((await compress.gunzip(input, { inline: false })).toString(), 'some text')
  }
  const numbers = Uint16Array.of(1, 2, 513)
  t.deepEqual(theirs('gunzip', ours('gzip', numbers)), Buffer.from(numbers.buffer))
  t.is(theirs('gunzip', await compress.gzip('ä\ud800')).toString(), 'ä\ufffd')
  const taken = Uint8Array.from(text(100_000))
  const packing = compress.gzip(taken, { transfer: true })
  t.is(taken.byteLength, 0)
  t.true(theirs('gunzip', await packing).equals(text(100_000)))
})

test('the result is bounded, to the byte', async (t) => {
  const data = text(300_000)
  for (const [pack, unpack] of FORMATS) {
    const packed = theirs(pack, data)
    t.true(ours(unpack, packed, { maxOutputLength: data.length }).equals(data))
    for (const limit of [0, 1, 4095, 4096, 4097, data.length - 1]) {
      const error = t.throws(() => ours(unpack, packed, { maxOutputLength: limit }), { instanceOf: TooLargeError, code: 'ERR_TOO_LARGE' })
      t.is(error.limit, limit)
      await t.throwsAsync(compress[unpack](packed, { maxOutputLength: limit, inline: false }), { instanceOf: TooLargeError })
    }
    t.is(ours(unpack, theirs(pack, ''), { maxOutputLength: 0 }).length, 0)
  }
})

test('bombs end at the limit, with memory for no more', async (t) => {
  // In a process of its own, whose peak of memory is only this.
  const { stdout } = await run(process.execPath, ['--input-type=commonjs', '-e', `
    const { compress } = require('sidelane')
    const { gzipSync } = require('node:zlib')
    const member = gzipSync(Buffer.alloc(10 * 1024 * 1024), { level: 9 })
    const bomb = Buffer.concat(Array(1000).fill(member)) // 10 GB, twice: as members, and the same as one nested
    const nested = gzipSync(bomb)
    const lying = Buffer.from(member)
    lying.writeUInt32LE(2 ** 32 - 1, lying.length - 4)
    const base = process.resourceUsage().maxRSS
    async function main () {
      const limit = 32 * 1024 * 1024
      const codes = []
      for (const call of [() => compress.gunzip(bomb), () => compress.gunzip(bomb, { maxOutputLength: limit }), async () => compress.gunzipSync(bomb, { maxOutputLength: limit }),
        async () => compress.gunzip(await compress.gunzip(nested), { maxOutputLength: limit }), () => compress.gunzip(lying)]) {
        codes.push(await call().then(() => 'none', (error) => error.code))
      }
      console.log(JSON.stringify({ codes, grown: process.resourceUsage().maxRSS - base }))
    }
    main()
  `], { cwd: fileURLToPath(new URL('.', import.meta.url)) })
  const { codes, grown } = JSON.parse(stdout)
  t.deepEqual(codes, ['ERR_TOO_LARGE', 'ERR_TOO_LARGE', 'ERR_TOO_LARGE', 'ERR_TOO_LARGE', 'ERR_COMPRESS_DATA'])
  // The default limit is 128 MiB; while it grows, half of that once more.
  t.true(grown < 240 * 1024, `${grown} KiB`)
})

test('abort and timeout stop it; a full lane refuses it', async (t) => {
  const data = text(30 * MiB)
  // Blocks with nothing in them: input without output.
  const blocks = Buffer.alloc(60 * MiB, Buffer.from([0, 0, 0, 255, 255]))
  for (const call of [(options) => compress.gzip(data, { level: 9, ...options }), (options) => compress.inflateRaw(blocks, options)]) {
    const lane = new Lane({ concurrency: 1, maxQueue: 0 })
    const controller = new AbortController()
    const running = call({ lane, signal: controller.signal }).then(() => 'done')
    const refused = compress.gzip(data, { lane })
    // The runner does not need the loop to begin.
    while (lane.stats().running === 0);
    controller.abort()
    await t.throwsAsync(refused, { instanceOf: LaneFullError })
    await t.throwsAsync(running, { name: 'AbortError', any: true })
    await lane.idle()
    t.is(lane.stats().aborted, 1)
  }
  await t.throwsAsync(compress.gzip(data, { level: 9, timeout: 5 }).then(() => 'done'), { code: 'ERR_TASK_TIMEOUT' })
})

test('arguments are checked', (t) => {
  const type = { code: 'ERR_INVALID_ARG_TYPE' }
  const range = { code: 'ERR_OUT_OF_RANGE' }
  for (const name of Object.keys(compress)) t.throws(() => compress[name](1), type, name)
  for (const call of [compress.gzip, compress.gzipSync, compress.deflateRaw]) {
    t.throws(() => call('', { level: 10 }), range)
    t.throws(() => call('', { level: -2 }), range)
    t.throws(() => call('', { level: '6' }), type)
    t.throws(() => call('', null), type)
  }
  for (const call of [compress.gunzip, compress.inflateSync, compress.unzstd]) {
    t.throws(() => call('', { maxOutputLength: -1 }), range)
    t.throws(() => call('', { maxOutputLength: 1.5 }), range)
    t.throws(() => call('', { maxOutputLength: 2n }), type)
  }
  t.throws(() => compress.gzip('', { lane: {} }), type)
  t.throws(() => compress.zstd('', { level: 23 }), range)
  t.throws(() => compress.zstd('', { signal: {} }), type)
})

const hasZstd = typeof zlib.zstdCompress === 'function'

test('zstd, where this Node has it', async (t) => {
  if (!hasZstd) {
    t.throws(() => compress.zstdSync('a'), { instanceOf: UnsupportedError, code: 'ERR_UNSUPPORTED', message: /needs Node 22\.15/ })
    t.throws(() => compress.unzstdSync('a'), { instanceOf: UnsupportedError })
    await t.throwsAsync(compress.zstd('a'), { instanceOf: UnsupportedError })
    await t.throwsAsync(compress.unzstd('a'), { instanceOf: UnsupportedError })
    return
  }
  for (const data of [Buffer.alloc(0), text(10), text(MiB)]) {
    for (const level of [undefined, 1, 9]) {
      const packed = await compress.zstd(data, { level })
      t.true(zlib.zstdDecompressSync(packed).equals(data))
      t.true((await compress.unzstd(packed)).equals(data))
      t.true(compress.unzstdSync(compress.zstdSync(data, { level })).equals(data))
    }
  }
  const data = text(MiB)
  const packed = compress.zstdSync(data)
  t.true((await compress.unzstd(packed, { maxOutputLength: MiB })).equals(data))
  for (const maxOutputLength of [0, 1, MiB - 1]) {
    await t.throwsAsync(compress.unzstd(packed, { maxOutputLength }), { instanceOf: TooLargeError })
    t.throws(() => compress.unzstdSync(packed, { maxOutputLength }), { instanceOf: TooLargeError })
  }
  // Node 22 takes what is cut short for whole, and before Node 26 all frames but the first are dropped.
  const small = compress.zstdSync(text(1000))
  const checked = Buffer.concat([small, zlib.zstdCompressSync(text(100), { params: { [zlib.constants.ZSTD_c_checksumFlag]: 1 } }), Buffer.from('502a4d1803000000616263', 'hex'), compress.zstdSync('')])
  for (let length = 0; length < checked.length; length++) {
    const cut = checked.subarray(0, length)
    const end = await compress.unzstd(cut).then((found) => found.length, (error) => error)
    if (end instanceof Error) t.true(end instanceof CompressDataError)
    // Whole frames, and less than the four bytes by which one is known.
    else t.true([1000, 1100].includes(end), `${length}: ${end}`)
    if (end instanceof Error) t.throws(() => compress.unzstdSync(cut), { instanceOf: CompressDataError })
    else t.is(compress.unzstdSync(cut).length, end)
  }
  t.true((await compress.unzstd(checked)).equals(Buffer.concat([text(1000), text(100)])))
  t.true(compress.unzstdSync(checked, { maxOutputLength: 1100 }).length === 1100)
  await t.throwsAsync(compress.unzstd(checked, { maxOutputLength: 1099 }), { instanceOf: TooLargeError })
  t.throws(() => compress.unzstdSync(checked, { maxOutputLength: 1099 }), { instanceOf: TooLargeError })
  for (const wrong of [packed.subarray(0, 1000), Buffer.from('no zstd at all'), Buffer.alloc(0)]) {
    await t.throwsAsync(compress.unzstd(wrong), { instanceOf: CompressDataError })
    t.throws(() => compress.unzstdSync(wrong), { instanceOf: CompressDataError })
  }
  await t.throwsAsync(compress.zstd(text(20 * MiB), { level: 19, signal: AbortSignal.timeout(5) }), { name: 'TimeoutError', any: true })
  await t.throwsAsync(compress.zstd('a', { signal: AbortSignal.abort() }), { name: 'AbortError', any: true })
  const taken = Uint8Array.from(data)
  const packing = compress.zstd(taken, { transfer: true })
  t.is(taken.byteLength, 0)
  t.true(zlib.zstdDecompressSync(await packing).equals(data))
})
