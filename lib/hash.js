'use strict'
// hash, hashSync, hmac, getHashes: documented in index.d.ts.

const { native } = require('./native')
const { toBytes, isWhole, takeOver } = require('./bytes')
const { algorithms, algorithmOf, readDigestOptions, keyFor, HEX_DIGEST } = require('./algorithms')
const { readTaskOptions } = require('./options')
const { LaneClosedError } = require('./errors')
const { invalidValue } = require('./validate')
const { run } = require('./task')
const tracing = require('./tracing')

/** Code units of a string that surely fit the binary's stack buffer as UTF-8. */
const SHORT = 1024

/** @type {import('./task').Operation} */
const HASH = { name: 'hash', submit: native.submitHash }
/** @type {import('./task').Operation} */
const HMAC = { name: 'hmac', submit: native.submitHmac }

/**
 * @param {any} algorithm
 * @param {any} data
 * @param {any} [options]
 * @returns {any}
 */
function hashSync (algorithm, data, options) {
  const chosen = algorithmOf(algorithm)
  const settings = options === undefined ? HEX_DIGEST : readDigestOptions(chosen, options)
  return digest(chosen, typeof data === 'string' ? data : toBytes(data, 'data'), settings)
}

/**
 * @param {import('./algorithms').Algorithm} algorithm
 * @param {string | Uint8Array} data
 * @param {import('./algorithms').DigestSettings} settings
 */
function digest (algorithm, data, settings) {
  if (typeof data === 'string') {
    if (data.length > SHORT) return digest(algorithm, Buffer.from(data), settings)
    if (settings === HEX_DIGEST) return native.hashShort(algorithm.id, data)
    return native.hashShort(algorithm.id, data, settings.encoding, settings.outputLength, settings.key)
  }
  return native.hashBytes(algorithm.id, data, settings.encoding, settings.outputLength, settings.key)
}

/**
 * @param {any} algorithm
 * @param {any} data
 * @param {any} [options]
 * @returns {Promise<any>}
 */
function hash (algorithm, data, options) {
  const chosen = algorithmOf(algorithm)
  const settings = readDigestOptions(chosen, options)
  const task = readTaskOptions(options)
  const input = typeof data === 'string' ? data : toBytes(data, 'data')
  if (fitsInline(chosen, input, settings.outputLength, task)) return inline('hash', input, task, () => digest(chosen, input, settings))
  return run(HASH, task, toBytes(input, 'data'), typeof data === 'string', undefined, chosen.id, settings.encoding, settings.outputLength, keyFor(task, settings.key))
}

/**
 * @param {any} algorithm
 * @param {any} key
 * @param {any} data
 * @param {any} [options]
 * @returns {Promise<any>}
 */
function hmac (algorithm, key, data, options) {
  const chosen = algorithmOf(algorithm)
  if (!chosen.hmac) throw invalidValue('algorithm', algorithm, 'must be one that HMAC is defined for')
  const keyBytes = toBytes(key, 'key')
  const { encoding } = readDigestOptions(chosen, options && { encoding: options.encoding })
  const task = readTaskOptions(options)
  const input = typeof data === 'string' ? data : toBytes(data, 'data')
  if (fitsInline(chosen, input, 0, task)) return inline('hmac', input, task, () => native.hmacBytes(chosen.id, toBytes(input, 'data'), encoding, keyBytes))
  return run(HMAC, task, toBytes(input, 'data'), typeof data === 'string', undefined, chosen.id, encoding, keyFor(task, keyBytes))
}

/**
 * Whether to hash on the spot: if asked to, or if it costs the loop less than the way to a lane and back.
 *
 * @param {import('./algorithms').Algorithm} algorithm
 * @param {string | Uint8Array} input
 * @param {number} outputLength
 * @param {import('./options').TaskSettings} task
 * @returns {boolean}
 */
function fitsInline (algorithm, input, outputLength, task) {
  if (task.inline !== undefined) return task.inline
  // A long output is work too.
  return input.length + outputLength <= (task.transfer ? algorithm.inlineTransferBytes : algorithm.inlineBytes)
}

/**
 * @param {string} operation
 * @param {string | Uint8Array} input
 * @param {import('./options').TaskSettings} task
 * @param {() => any} work
 * @returns {Promise<any>}
 */
function inline (operation, input, task, work) {
  const { signal, lane, transfer } = task
  if (signal !== undefined && signal.aborted) return Promise.reject(signal.reason)
  // However small: after close() a lane takes nothing any more.
  if (lane.closed) return Promise.reject(new LaneClosedError({ lane: lane.name }))
  const result = tracing.active() ? tracing.inline(operation, Buffer.byteLength(input), work) : work()
  // As promised: detached when the call returns, wherever the work was done. A refused call leaves it alone.
  if (transfer && typeof input !== 'string' && isWhole(input)) takeOver(input)
  return Promise.resolve(result)
}

/** @returns {any} */
function getHashes () {
  return [...algorithms.keys()].sort()
}

module.exports = { hash, hashSync, hmac, getHashes }
