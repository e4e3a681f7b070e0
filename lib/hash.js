'use strict'
// hash, hashSync, hmac, getHashes: documented in index.d.ts.

const { native } = require('./native')
const { copyOf, toBytes } = require('./bytes')
const { algorithms, algorithmOf, readDigestOptions, HEX_DIGEST } = require('./algorithms')
const { readTaskOptions } = require('./options')
const { checkOptions, invalidValue } = require('./validate')
const { fitsInline, inline } = require('./inline')
const { run } = require('./task')

/** Code units of a string that surely fit the binary's stack buffer as UTF-8. */
const SHORT = 1024

/** @type {import('./task-entry').Operation} */
const HASH = { name: 'hash', submit: native.submitHash }
/** @type {import('./task-entry').Operation} */
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
  if (fitsInline(chosen, input.length + settings.outputLength, task)) return inline('hash', input, task, () => digest(chosen, input, settings))
  return run(HASH, task, input, false, undefined, chosen.id, settings.encoding, settings.outputLength, settings.key)
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
  if (options !== undefined) checkOptions(options)
  const { encoding } = readDigestOptions(chosen, options && { encoding: options.encoding })
  const task = readTaskOptions(options)
  // A copy, as the key of a digest is: it may lie in the buffer that is handed over. After the options, whose getters are anybody's.
  const keyBytes = copyOf(key, 'key')
  const input = typeof data === 'string' ? data : toBytes(data, 'data')
  if (fitsInline(chosen, input.length, task)) return inline('hmac', input, task, () => native.hmacBytes(chosen.id, toBytes(input, 'data'), encoding, keyBytes))
  return run(HMAC, task, input, false, undefined, chosen.id, encoding, keyBytes)
}

/** @returns {any} */
function getHashes () {
  return [...algorithms.keys()].sort()
}

module.exports = { hash, hashSync, hmac, getHashes }
