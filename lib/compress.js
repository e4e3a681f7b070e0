'use strict'
// The namespace compress: documented in index.d.ts.

const { fromNative, isFailure } = require('./errors')
const { inline } = require('./inline')
const { native } = require('./native')
const { toBytes } = require('./bytes')
const { readTaskOptions } = require('./options')
const { readLimit } = require('./output-limit')
const { SafePromise } = require('./primordials')
const { run } = require('./task')
const { readText } = require('./text-task')
const { checkInteger, checkOptions } = require('./validate')
const { zstd, zstdSync, unzstd, unzstdSync } = require('./zstd')

/** Positions as in src/ops/compress.rs: formats in the same order. */
const KINDS = ['gzip', 'deflate', 'deflateRaw', 'gunzip', 'inflate', 'inflateRaw']
const UNPACK = 3

const OPERATIONS = KINDS.map((name) => ({ name: `compress.${name}`, submit: native.submitCompress }))

/** Compressing takes a lane's 4 us; and decompressed bytes can be a thousand times as many. */
const INLINE_BYTES = 512

const DEFAULT_LEVEL = 6

/**
 * @typedef {object} Prepared
 * @property {number} kind
 * @property {string | Uint8Array} input
 * @property {number} amount the level, or the most bytes of the result
 */

/**
 * @param {number} kind
 * @param {any} data
 * @param {any} [options]
 * @returns {Prepared}
 */
function prepare (kind, data, options = {}) {
  checkOptions(options)
  return { kind, input: readText(data), amount: kind < UNPACK ? readLevel(options.level) : readLimit(options.maxOutputLength) }
}

/** @param {any} level */
function readLevel (level = -1) {
  checkInteger(level, 'options.level', -1, 9)
  return level === -1 ? DEFAULT_LEVEL : level
}

/**
 * @param {Prepared} prepared
 * @param {any} options
 * @returns {Promise<Buffer>}
 */
function start (prepared, options) {
  const { kind, input, amount } = prepared
  const task = readTaskOptions(options)
  // As in lib/text-task.js: a getter of the options may have detached it.
  if (typeof input !== 'string') toBytes(input, 'data')
  if (!(task.inline ?? input.length <= INLINE_BYTES)) return run(OPERATIONS[kind], task, input, false, undefined, kind, amount)
  try {
    return inline(OPERATIONS[kind].name, input, task, () => now(prepared))
  } catch (error) {
    // Data that is damaged rejects, wherever it was looked at.
    return SafePromise.reject(error)
  }
}

/**
 * @param {Prepared} prepared
 * @returns {Buffer}
 */
function now ({ kind, input, amount }) {
  const result = native.compressNow(toBytes(input, 'data'), kind, amount)
  if (isFailure(result)) throw fromNative(result)
  return result
}

/** @type {Record<string, (data: any, options?: any) => any>} */
const functions = { zstd, zstdSync, unzstd, unzstdSync }
KINDS.forEach((name, kind) => {
  functions[name] = (data, options) => start(prepare(kind, data, options), options)
  functions[`${name}Sync`] = (data, options) => now(prepare(kind, data, options))
})

module.exports = functions
