'use strict'
// What createHash and its streams are given: options, chunks, encodings.

const { readDigestOptions } = require('../algorithms')
const { toBytes } = require('../bytes')
const { readTaskOptions } = require('../options')
const { checkOptions, checkString, invalidType, invalidValue } = require('../validate')

/** @typedef {import('../algorithms').Algorithm} Algorithm */

/**
 * @typedef {object} HashSettings
 * @property {number} outputLength 0: the algorithm's own
 * @property {Uint8Array | undefined} key
 * @property {any} lane as it was given
 * @property {import('../options').TaskSettings} task
 * @property {AbortSignal | undefined} signal
 * @property {object} stream options of the stream
 */

/** @type {HashSettings} */
const NO_OPTIONS = { outputLength: 0, key: undefined, lane: undefined, task: { ...readTaskOptions(undefined), patient: true }, signal: undefined, stream: {} }

/** Options that are not the stream's. */
const OURS_ONLY = new Set(['outputLength', 'key', 'lane', 'priority', 'signal'])

/**
 * Each option is read once.
 *
 * @param {Algorithm} algorithm
 * @param {any} options
 * @returns {HashSettings}
 */
function readHashOptions (algorithm, options) {
  if (options === undefined) return NO_OPTIONS
  // node:crypto takes null as well.
  if (options !== null) checkOptions(options)
  const { outputLength, key, lane, priority, signal } = options ?? {}
  // Not `...stream` above: up to Node 22, V8 reads what that leaves out a second time.
  const names = Object.keys(options ?? {}).filter((name) => !OURS_ONLY.has(name))
  const stream = Object.fromEntries(names.map((name) => [name, options[name]]))
  const digest = readDigestOptions(algorithm, { encoding: undefined, outputLength, key })
  // A stream that was accepted waits for room in a full lane, instead of failing half-way: that is its backpressure.
  const task = { ...readTaskOptions({ lane, priority, signal }), timeout: 0, transfer: false, patient: true }
  return { outputLength: digest.outputLength, key: digest.key, lane, task, signal, stream }
}

/**
 * As node:crypto takes them: an encoding that is none counts as utf8, and half a byte of hex is an error.
 *
 * @param {any} data
 * @param {any} encoding
 * @returns {Uint8Array}
 */
function toChunk (data, encoding) {
  if (typeof data === 'string') {
    const bytes = Buffer.from(data, Buffer.isEncoding(encoding) ? encoding : 'utf8')
    if (data.length % 2 === 1 && String(encoding).toLowerCase() === 'hex') throw invalidValue('inputEncoding', encoding, `is invalid for data of length ${data.length}`)
    return bytes
  }
  if (!ArrayBuffer.isView(data)) throw invalidType('data', 'of type string or an instance of Buffer, TypedArray, or DataView', data)
  return toBytes(data, 'data')
}

/**
 * Of a digest. node:crypto ignores what it does not know; here it is an error, before the digest is given away.
 *
 * @param {any} encoding
 */
function checkEncoding (encoding) {
  if (encoding === undefined || encoding === null) return
  checkString(encoding, 'encoding')
  if (encoding !== '' && encoding !== 'buffer' && !Buffer.isEncoding(encoding)) throw invalidValue('encoding', encoding, 'must be \'buffer\' or an encoding of Buffers')
}

module.exports = { readHashOptions, toChunk, checkEncoding }
