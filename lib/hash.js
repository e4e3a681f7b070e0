'use strict'
// hash, hashSync, hmac, getHashes: documented in index.d.ts.

const { native } = require('./native')
const { toBytes, isWhole, takeOver } = require('./bytes')
const { algorithms, algorithmOf, readDigestOptions, HEX_DIGEST } = require('./algorithms')
const { readTaskOptions } = require('./options')
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
  return digest(chosen, data, settings)
}

/**
 * @param {import('./algorithms').Algorithm} algorithm
 * @param {any} data
 * @param {import('./algorithms').DigestSettings} settings
 */
function digest (algorithm, data, settings) {
  if (typeof data === 'string' && data.length <= SHORT) {
    if (settings === HEX_DIGEST) return native.hashShort(algorithm.id, data)
    return native.hashShort(algorithm.id, data, settings.encoding, settings.outputLength, settings.key)
  }
  return native.hashBytes(algorithm.id, toBytes(data, 'data'), settings.encoding, settings.outputLength, settings.key)
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
  if (task.inline !== false && fitsInline(chosen, data, settings, task)) {
    const result = inline('hash', data, task, () => digest(chosen, data, settings))
    if (task.transfer && typeof data !== 'string') release(toBytes(data, 'data'))
    return result
  }
  const bytes = toBytes(data, 'data')
  return run(HASH, task, bytes, typeof data === 'string', undefined, chosen.id, settings.encoding, settings.outputLength, settings.key)
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
  if (task.inline !== false && fitsInline(chosen, data, HEX_DIGEST, task)) {
    const result = inline('hmac', data, task, () => native.hmacBytes(chosen.id, toBytes(data, 'data'), encoding, keyBytes))
    if (task.transfer && typeof data !== 'string') release(toBytes(data, 'data'))
    return result
  }
  const bytes = toBytes(data, 'data')
  return run(HMAC, task, bytes, typeof data === 'string', undefined, chosen.id, encoding, keyBytes)
}

/**
 * Whether hashing on the spot costs the loop less than the way to a lane and back.
 *
 * @param {import('./algorithms').Algorithm} algorithm
 * @param {any} data
 * @param {import('./algorithms').DigestSettings} settings
 * @param {import('./options').TaskSettings} task
 * @returns {boolean}
 */
function fitsInline (algorithm, data, settings, task) {
  if (task.inline === true) return true
  // A long output is work too.
  const bytes = (typeof data === 'string' ? data.length : data?.byteLength) + settings.outputLength
  return bytes <= (task.transfer ? algorithm.inlineTransferBytes : algorithm.inlineBytes)
}

/**
 * @param {string} operation
 * @param {any} data
 * @param {import('./options').TaskSettings} task
 * @param {() => any} work
 * @returns {Promise<any>}
 */
function inline (operation, data, task, work) {
  if (task.signal !== undefined && task.signal.aborted) return Promise.reject(task.signal.reason)
  if (tracing.active()) return Promise.resolve(tracing.inline(operation, typeof data === 'string' ? data.length : data.byteLength, work))
  return Promise.resolve(work())
}

/**
 * Keeps the promise of `transfer`: detached when the call returns, wherever the work was done.
 *
 * @param {Uint8Array} bytes
 */
function release (bytes) {
  if (isWhole(bytes)) takeOver(bytes)
}

/** @returns {any} */
function getHashes () {
  return [...algorithms.keys()].sort()
}

module.exports = { hash, hashSync, hmac, getHashes }
