'use strict'
// The hash algorithms as the binary has them, and the options of a digest.

const { binding } = require('./binding')
const { copyOf } = require('./bytes')
const { checkInteger, checkOptions, checkString, invalidValue, oneOf } = require('./validate')

/**
 * @typedef {object} Algorithm
 * @property {string} name
 * @property {number} id its number in the binary
 * @property {number} outputLength bytes of a digest
 * @property {boolean} variableLength whether `outputLength` can be chosen
 * @property {boolean} keyed whether it takes a `key`
 * @property {boolean} hmac whether it can be used for an HMAC
 * @property {number} inlineTransferBytes the same where the lane would take the buffer over instead of copying it
 * @property {number} inlineBytes up to so many bytes, hashing on the spot costs the loop less than the way to a lane and back
 */

/** @type {Map<string, Algorithm>} */
const algorithms = new Map(binding.algorithms().map((/** @type {Algorithm} */ each) => [each.name, Object.freeze(each)]))

/** Positions are the numbers of the binary's encodings. */
const ENCODINGS = ['hex', 'base64', 'base64url', 'buffer']
const HEX = 0
const BUFFER = 3

const LONGEST_OUTPUT = 1048576
const KEY_LENGTH = 32

/** Numbers for "the algorithm's own length" and "no key". */
const OWN_LENGTH = 0
/** @type {undefined} */
const NO_KEY = undefined

/**
 * @param {unknown} name
 * @param {string} [parameter]
 * @returns {Algorithm}
 */
function algorithmOf (name, parameter = 'algorithm') {
  const algorithm = algorithms.get(/** @type {string} */ (name))
  if (algorithm !== undefined) return algorithm
  checkString(name, parameter)
  // As node:crypto, which does not mind case, and OpenSSL 3, which knows SHA-256 as well.
  const again = algorithms.get(name.toLowerCase().replace(/^sha-(?=\d)/, 'sha'))
  if (again !== undefined) return again
  throw invalidValue(parameter, name, `must be one of ${[...algorithms.keys()].map((each) => `'${each}'`).join(', ')}`)
}

/**
 * @typedef {object} DigestSettings
 * @property {number} encoding
 * @property {number} outputLength 0: the algorithm's own
 * @property {Uint8Array | undefined} key nobody else's
 */

/** @type {DigestSettings} */
const HEX_DIGEST = Object.freeze({ encoding: HEX, outputLength: OWN_LENGTH, key: NO_KEY })

/**
 * @param {Algorithm} algorithm
 * @param {any} options
 * @param {readonly string[]} [encodings] which encodings there are
 * @returns {DigestSettings}
 */
function readDigestOptions (algorithm, options, encodings = ENCODINGS) {
  if (options === undefined) return HEX_DIGEST
  checkOptions(options)
  const { encoding, outputLength, key } = options
  return {
    encoding: encoding === undefined ? HEX : oneOf(encoding, 'options.encoding', encodings),
    outputLength: outputLength === undefined ? OWN_LENGTH : checkOutputLength(algorithm, outputLength),
    key: key === undefined ? NO_KEY : checkKey(algorithm, key)
  }
}

/**
 * @param {Algorithm} algorithm
 * @param {unknown} outputLength
 * @returns {number}
 */
function checkOutputLength (algorithm, outputLength) {
  checkInteger(outputLength, 'options.outputLength', 1, LONGEST_OUTPUT, ' bytes')
  if (algorithm.variableLength || outputLength === algorithm.outputLength) return outputLength
  throw invalidValue('options.outputLength', outputLength, `must be ${algorithm.outputLength}, the only length of ${algorithm.name}`)
}

/**
 * @param {Algorithm} algorithm
 * @param {unknown} key
 * @returns {Uint8Array}
 */
function checkKey (algorithm, key) {
  const bytes = copyOf(key, 'options.key')
  // Its length is told, not the key: messages go to logs.
  if (!algorithm.keyed) throw invalidValue('options.key.byteLength', bytes.byteLength, `must be absent: ${algorithm.name} takes no key (see hmac())`)
  if (bytes.byteLength !== KEY_LENGTH) throw invalidValue('options.key.byteLength', bytes.byteLength, `must be ${KEY_LENGTH}`)
  return bytes
}

module.exports = { algorithms, algorithmOf, readDigestOptions, ENCODINGS, HEX, BUFFER, HEX_DIGEST }
