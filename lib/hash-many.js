'use strict'
// hashMany: documented in index.d.ts. Messages are packed here into one buffer: reading them one by one in the binary would cost 350 ns each, more than hashing 64 bytes.

const { constants } = require('node:buffer')
const { types } = require('node:util')
const { native } = require('./native')
const { toBytes } = require('./bytes')
const { algorithmOf, readDigestOptions, ENCODINGS, BUFFER } = require('./algorithms')
const { readTaskOptions } = require('./options')
const { TooLargeError } = require('./errors')
const { invalidType, invalidValue, isArray, isRevoked } = require('./validate')
const { fitsInline, inline, refuse } = require('./inline')
const { run, LateInput } = require('./task')
const tracing = require('./tracing')

/** As an encoding: the digests stay in one buffer. */
const PACKED = ENCODINGS.length
const MANY_ENCODINGS = [...ENCODINGS, 'packed']

/** Strings per call of the binary: as arguments they cost 5 ns each, an array's elements 30. At most PACK_ARGS of src/ops/hash_many.rs. */
const STRINGS_AT_ONCE = 256

/** Code units that the binary packs. Room is made for three bytes each, and V8 counts room in 31 bits. */
const MOST_UNITS = 2 ** 28

/** Bytes of digests that come back in one string: as in src/ops/hash_many.rs. */
const TOGETHER = 16 * 1024

/** What a message costs beyond its bytes, in bytes: as in src/ops/hash_many.rs. */
const MESSAGE = 64

/** Offsets are 32 bits. */
const LARGEST = 2 ** 32 - 1

/** Bytes of all digests of a call. Memory for them is taken whatever the lane's bounds, and a system that has none ends the process. */
const LARGEST_OUTPUT = 2 ** 30

/** Characters that so many bytes have in hex, base64 and base64url. */
const TEXT_LENGTH = [
  (/** @type {number} */ bytes) => bytes * 2,
  (/** @type {number} */ bytes) => Math.ceil(bytes / 3) * 4,
  (/** @type {number} */ bytes) => Math.ceil(bytes * 4 / 3)
]

/** Bytes of an offset. */
const OFFSET = 4

/**
 * Many messages in one buffer.
 *
 * @typedef {object} Messages
 * @property {Uint8Array | LateInput} input in the latter case they are still to be packed
 * @property {Uint32Array | undefined} offsets undefined: the binary makes them
 * @property {number} count
 * @property {boolean} ours whether nobody else knows the bytes
 */

/**
 * @param {any} algorithm
 * @param {any} items
 * @param {any} [options]
 * @returns {Promise<any>}
 */
function hashMany (algorithm, items, options) {
  const chosen = algorithmOf(algorithm)
  const settings = readDigestOptions(chosen, options, MANY_ENCODINGS)
  const task = readTaskOptions(options)
  const { input, offsets, count, ours } = isArray(items) ? readArray(items, task.lane.waits || tracing.active()) : readPacked(items)
  const length = settings.outputLength || chosen.outputLength
  const refusal = checkOutput(settings.encoding, count, length)
  if (refusal !== undefined) return refuse('hashMany', input, 'rejected', refusal)
  const finish = unpack(settings.encoding, count, length)
  const encoding = Math.min(settings.encoding, BUFFER)
  // For each message what a digest costs beyond its bytes; a long output is work too.
  if (fitsInline(chosen, input.byteLength + count * (MESSAGE + settings.outputLength), task)) {
    return inline('hashMany', input, task, () => {
      const bytes = input instanceof LateInput ? input.make() : input
      return finish(native.hashManyNow(chosen.id, bytes, encoding, settings.outputLength, settings.key, offsets))
    })
  }
  const operation = { name: 'hashMany', submit: native.submitHashMany, input: `The input, with ${OFFSET} bytes for each message,`, overhead: count * OFFSET }
  return run(operation, task, input, ours, finish, chosen.id, encoding, settings.outputLength, settings.key, offsets)
}

/**
 * @param {any[]} items
 * @param {boolean} mayChange whether the items may be changed before they are packed: the task may wait for room, or a subscriber be called
 * @returns {Messages}
 */
function readArray (items, mayChange) {
  return readStrings(items) ?? readMixed(items, mayChange)
}

/**
 * The fast way for strings: the binary writes them into its own memory (30 ns for 64 bytes; joining and converting them here takes 95, and leaves garbage).
 *
 * @param {any[]} items
 * @returns {Messages | undefined} undefined when the items are not all strings
 */
function readStrings (items) {
  const count = items.length
  /** @type {string[][]} */
  const parts = []
  let units = 0
  for (let start = 0; start < count; start += STRINGS_AT_ONCE) {
    const part = new Array(Math.min(STRINGS_AT_ONCE, count - start))
    const more = copyStrings(items, start, part)
    if (more === undefined) return undefined
    units += more
    parts.push(part)
  }
  if (units > MOST_UNITS) return undefined
  // For a trace exactly.
  const least = tracing.active() ? parts.flat().reduce((sum, string) => sum + Buffer.byteLength(string), 0) : units
  return { input: new LateInput(least, () => packStrings(parts, units, count)), count, offsets: undefined, ours: true }
}

/**
 * A copy of some: what is measured must be what is packed, whatever the elements' getters do. As `measure` and `cut`, a function that makes no objects: of those that do, V8 drops the code with a full collection when none of
 * the objects is left, and compiles a loop of 10,000 anew while it runs, which took another thread 50 ns a message.
 *
 * @param {any[]} items
 * @param {number} start
 * @param {string[]} part
 * @returns {number | undefined} how many code units they have; undefined when they are not all strings
 */
function copyStrings (items, start, part) {
  let units = 0
  for (let index = 0; index < part.length; index++) {
    const item = items[start + index]
    if (typeof item !== 'string') return undefined
    part[index] = item
    units += item.length
  }
  return units
}

/**
 * Has the binary pack strings for its next call, which takes them: nothing may come between.
 *
 * @param {string[][]} parts
 * @param {number} units of all together
 * @param {number} count
 * @returns {{ byteLength: number }}
 */
function packStrings (parts, units, count) {
  native.startPack(units, count)
  let byteLength = 0
  for (const part of parts) byteLength = native.packStrings.apply(undefined, part)
  return { byteLength }
}

/**
 * @param {any[]} items
 * @param {boolean} mayChange
 * @returns {Messages}
 */
function readMixed (items, mayChange) {
  const offsets = new Uint32Array(items.length + 1)
  const parts = new Array(offsets.length - 1)
  measure(items, parts, offsets)
  checkLengths(parts, offsets)
  const input = mayChange ? packMixed(parts, offsets) : new LateInput(offsets[parts.length], () => packMixed(parts, offsets))
  return { input, offsets, count: parts.length, ours: true }
}

/**
 * @param {any[]} items
 * @param {Uint8Array[]} parts
 * @param {Uint32Array} offsets
 */
function measure (items, parts, offsets) {
  let end = 0
  for (let index = 0; index < parts.length; index++) {
    const part = toBytes(items[index], `items[${index}]`)
    end += part.byteLength
    if (end > LARGEST) throw tooLarge(end)
    parts[index] = part
    offsets[index + 1] = end
  }
}

/**
 * @param {Uint8Array[]} parts
 * @param {Uint32Array} offsets
 * @returns {Uint8Array}
 */
function packMixed (parts, offsets) {
  checkLengths(parts, offsets)
  const bytes = Buffer.allocUnsafeSlow(offsets[parts.length])
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]
    const length = offsets[index + 1] - offsets[index]
    // A growable shared buffer may have grown since it was measured.
    bytes.set(part.byteLength === length ? part : new Uint8Array(part.buffer, part.byteOffset, length), offsets[index])
  }
  return bytes
}

/**
 * A getter of a later item may have shrunk or transferred one, and so may a signal of the caller's own making.
 *
 * @param {Uint8Array[]} parts
 * @param {Uint32Array} offsets
 */
function checkLengths (parts, offsets) {
  for (let index = 0; index < parts.length; index++) {
    if (parts[index].byteLength < offsets[index + 1] - offsets[index]) throw invalidValue(`items[${index}]`, parts[index], 'must not become shorter meanwhile')
  }
}

/**
 * @param {any} items
 * @returns {Messages}
 */
function readPacked (items) {
  if (items === null || typeof items !== 'object' || isRevoked(items) || !('offsets' in items)) {
    throw invalidType('items', 'an Array, or an object with data and offsets', items)
  }
  const { data, offsets } = items
  if (typeof data === 'string') throw invalidType('items.data', 'an instance of Buffer, TypedArray, DataView, ArrayBuffer or SharedArrayBuffer', data)
  const bytes = toBytes(data, 'items.data')
  if (!types.isUint32Array(offsets)) throw invalidType('items.offsets', 'an instance of Uint32Array', offsets)
  toBytes(offsets, 'items.offsets')
  // Copied: the check must hold for what is used, whoever else can write them.
  const own = new Uint32Array(offsets)
  checkOffsets(own, bytes.byteLength)
  return { input: bytes, offsets: own, count: own.length - 1, ours: false }
}

/**
 * @param {Uint32Array} offsets
 * @param {number} length
 */
function checkOffsets (offsets, length) {
  if (offsets.length === 0) throw invalidValue('items.offsets', offsets, 'must have one more element than there are messages')
  for (let index = 1; index < offsets.length; index++) {
    if (offsets[index] < offsets[index - 1]) throw invalidValue(`items.offsets[${index}]`, offsets[index], `must not be below the one before, ${offsets[index - 1]}`)
  }
  const last = offsets[offsets.length - 1]
  if (last > length) throw invalidValue(`items.offsets[${offsets.length - 1}]`, last, `must not be above the length of items.data, ${length}`)
}

/**
 * @param {number} encoding
 * @param {number} count
 * @param {number} length bytes of a digest
 * @returns {Error | undefined}
 */
function checkOutput (encoding, count, length) {
  const asText = TEXT_LENGTH[encoding]
  const [received, limit, unit] = asText ? [count * asText(length), constants.MAX_STRING_LENGTH, 'characters'] : [count * length, LARGEST_OUTPUT, 'bytes']
  if (received <= limit) return undefined
  return new TooLargeError({ message: `The digests have ${received} ${unit} together, hashMany returns at most ${limit} in one call`, limit, received })
}

/** @param {number} received */
function tooLarge (received) {
  return new TooLargeError({ message: `The items have ${received} bytes or more together, hashMany takes at most ${LARGEST} in one call`, limit: LARGEST, received })
}

/**
 * Cuts the strings or the buffer that come back (10 ns a digest).
 *
 * @param {number} encoding
 * @param {number} count
 * @param {number} length bytes of a digest
 * @returns {(value: any) => any}
 */
function unpack (encoding, count, length) {
  if (encoding === PACKED) return (data) => ({ data, digestLength: length })
  if (encoding === BUFFER) return (data) => Array.from({ length: count }, (_, index) => data.subarray(index * length, (index + 1) * length))
  const size = TEXT_LENGTH[encoding](length)
  const together = Math.max(1, Math.floor(TOGETHER / length))
  return (texts) => {
    const digests = new Array(count)
    for (let index = 0; index < texts.length; index++) cut(texts[index], size, digests, index * together)
    return digests
  }
}

/**
 * @param {string} text
 * @param {number} size characters of each piece
 * @param {string[]} pieces
 * @param {number} at place of the first
 */
function cut (text, size, pieces, at) {
  for (let start = 0; start < text.length; start += size) pieces[at++] = text.slice(start, start + size)
}

module.exports = { hashMany }
