'use strict'
// Zstandard by node:zlib, where this Node has it: the library would be 906 kB of the binary, for a tenth of the time.

const { constants: { MAX_LENGTH } } = require('node:buffer')
const zlib = /** @type {any} */ (require('node:zlib'))
const { isWhole, takeOver, toBytes } = require('./bytes')
const { CompressDataError, TooLargeError, UnsupportedError } = require('./errors')
const { readLimit } = require('./output-limit')
const { SafePromise } = require('./primordials')
const { checkBoolean, checkInteger, checkOptions, checkSignal } = require('./validate')
const { framesOf } = require('./zstd-frames')

const DEFAULT_LEVEL = 3
/** Of a stream. Each chunk is an event of the loop. */
const CHUNK = 256 * 1024

/** @param {any} options */
function packSettings ({ level = DEFAULT_LEVEL }) {
  checkInteger(level, 'options.level', -1, 22)
  const given = level < 1 ? DEFAULT_LEVEL : level
  return { make: 'createZstdCompress', now: 'zstdCompressSync', pieces: (/** @type {Uint8Array} */ bytes) => [bytes], limit: MAX_LENGTH, params: () => ({ [zlib.constants.ZSTD_c_compressionLevel]: given }) }
}

/** @param {any} options */
function unpackSettings ({ maxOutputLength }) {
  return { make: 'createZstdDecompress', now: 'zstdDecompressSync', pieces: wholeFrames, limit: readLimit(maxOutputLength), params: () => ({}) }
}

/**
 * @param {any} data
 * @param {any} options
 * @param {typeof packSettings | typeof unpackSettings} read
 * @returns {Promise<Buffer>}
 */
function start (data, options = {}, read) {
  checkOptions(options)
  const { signal, transfer = false } = options
  if (signal !== undefined) checkSignal(signal, 'options.signal')
  checkBoolean(transfer, 'options.transfer')
  const settings = read(options)
  const bytes = toBytes(data, 'data')
  const missing = unsupported()
  if (missing) return SafePromise.reject(missing)
  if (signal?.aborted) return SafePromise.reject(signal.reason)
  return run(settings, ownBytes(bytes, data, transfer), signal)
}

/**
 * @param {ReturnType<typeof packSettings>} settings
 * @param {Uint8Array} bytes
 * @param {AbortSignal | undefined} signal
 */
async function run ({ make, pieces, limit, params }, bytes, signal) {
  /** @type {Buffer[]} */
  const done = []
  let left = limit
  for (const piece of pieces(bytes)) {
    if (signal?.aborted) throw signal.reason
    const stream = zlib[make]({ chunkSize: CHUNK, params: params() })
    const part = await through(stream, piece, left, signal).catch((error) => { throw error instanceof TooLargeError ? tooLarge(limit) : error })
    done.push(part)
    left -= part.length
  }
  return done.length === 1 ? done[0] : Buffer.concat(done)
}

/**
 * @param {Uint8Array} bytes
 * @throws {CompressDataError} if they are cut short
 */
function wholeFrames (bytes) {
  const { frames, cutAt } = framesOf(bytes)
  if (cutAt !== -1) throw new CompressDataError({ message: 'The compressed data is corrupt: unexpected end of file', offset: cutAt })
  return frames
}

/**
 * Bytes that nobody else can change while they are read on another thread.
 *
 * @param {Uint8Array} bytes
 * @param {any} data
 * @param {boolean} transfer
 */
function ownBytes (bytes, data, transfer) {
  if (typeof data === 'string') return bytes
  return (transfer && isWhole(bytes) && takeOver(bytes)) || Buffer.from(bytes)
}

/**
 * All that comes out of a stream of node:zlib.
 *
 * @param {import('node:stream').Transform} stream
 * @param {Uint8Array} bytes
 * @param {number} limit
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Buffer>}
 */
function through (stream, bytes, limit, signal) {
  return new SafePromise((resolve, reject) => {
    /** @type {Buffer[]} */
    const chunks = []
    let length = 0
    const end = (/** @type {() => void} */ settle) => {
      signal?.removeEventListener('abort', abort)
      stream.destroy()
      settle()
    }
    const abort = () => end(() => reject(signal?.reason))
    signal?.addEventListener('abort', abort, { once: true })
    stream.on('data', (/** @type {Buffer} */ chunk) => {
      chunks.push(chunk)
      length += chunk.length
      if (length > limit) end(() => reject(tooLarge(limit)))
    })
    stream.once('end', () => end(() => resolve(Buffer.concat(chunks, length))))
    stream.on('error', (error) => end(() => reject(dataError(error))))
    stream.end(bytes)
  })
}

/**
 * @param {any} data
 * @param {any} options
 * @param {typeof packSettings | typeof unpackSettings} read
 * @returns {Buffer}
 */
function now (data, options = {}, read) {
  checkOptions(options)
  const { now, pieces, limit, params } = read(options)
  const bytes = toBytes(data, 'data')
  const missing = unsupported()
  if (missing) throw missing
  /** @type {Buffer[]} */
  const done = []
  let left = limit
  for (const piece of pieces(bytes)) {
    try {
      // node:zlib takes no 0.
      done.push(zlib[now](piece, { params: params(), maxOutputLength: Math.max(1, left) }))
    } catch (error) {
      // ERR_BUFFER_TOO_LARGE is one.
      throw error instanceof RangeError ? tooLarge(limit) : dataError(/** @type {Error} */ (error))
    }
    left -= done[done.length - 1].length
    if (left < 0) throw tooLarge(limit)
  }
  return done.length === 1 ? done[0] : Buffer.concat(done)
}

/** @returns {Error | undefined} */
function unsupported () {
  if (typeof zlib.zstdCompress === 'function') return undefined
  return new UnsupportedError({ message: `Zstandard needs Node 22.15, 23.8 or newer. This is ${process.version}` })
}

/** @param {number} limit */
function tooLarge (limit) {
  return new TooLargeError({ message: `The data decompresses to more than ${limit} bytes (maxOutputLength)`, limit, received: limit + 1 })
}

/** @param {Error} error */
function dataError ({ message }) {
  return new CompressDataError({ message: `The compressed data is corrupt: ${message}`, offset: -1 })
}

module.exports = {
  zstd: (/** @type {any} */ data, /** @type {any} */ options) => start(data, options, packSettings),
  zstdSync: (/** @type {any} */ data, /** @type {any} */ options) => now(data, options, packSettings),
  unzstd: (/** @type {any} */ data, /** @type {any} */ options) => start(data, options, unpackSettings),
  unzstdSync: (/** @type {any} */ data, /** @type {any} */ options) => now(data, options, unpackSettings)
}
