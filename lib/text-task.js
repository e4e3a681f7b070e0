'use strict'
// What json and ndjson share: a call on a text with a plan, in a lane or on the spot.

const { toBytes } = require('./bytes')
const { fromNative } = require('./errors')
const { inline } = require('./inline')
const { readTaskOptions } = require('./options')
const { run } = require('./task')

/** Bytes up to which a text costs the loop less on the spot than on its way to a lane: 4 us at 1 GB/s. */
const INLINE_BYTES = 4096

/**
 * A call that is ready to run.
 *
 * @typedef {object} Prepared
 * @property {string | Uint8Array} input
 * @property {Uint8Array} plan
 * @property {(value: any) => any} finish
 * @property {boolean} [ours] whether nobody else knows the input
 */

/**
 * @typedef {object} TextOperation
 * @property {import('./task').Operation} operation
 * @property {(bytes: Uint8Array, plan: Uint8Array) => any} now the binary's synchronous function
 * @property {number} [inlineBytes] default {@link INLINE_BYTES}
 */

/**
 * @param {TextOperation} text
 * @param {Prepared} prepared
 * @param {any} options
 * @returns {Promise<any>}
 */
function start (text, prepared, options) {
  const { operation } = text
  const { input, plan, finish, ours = false } = prepared
  const task = readTaskOptions(options)
  if (!(task.inline ?? input.length <= (text.inlineBytes ?? INLINE_BYTES))) return run(operation, task, input, ours, finish, plan)
  try {
    return inline(operation.name, input, task, () => now(text, prepared))
  } catch (error) {
    // A text that is wrong rejects, wherever it was looked at.
    return Promise.reject(error)
  }
}

/**
 * @param {TextOperation} text
 * @param {Prepared} prepared
 * @returns {any}
 */
function now (text, { input, plan, finish }) {
  const result = text.now(toBytes(input, 'data'), plan)
  if (result?.code !== undefined) throw fromNative(result)
  return finish(result)
}

/**
 * @param {any} data
 * @returns {string | Uint8Array}
 */
function readText (data) {
  return typeof data === 'string' ? data : toBytes(data, 'data')
}

/**
 * Has the binary look at a plan, so that what is wrong with it is thrown at once; as a TypeError, as other wrong arguments are.
 *
 * @param {(plan: Uint8Array) => void} check
 * @param {Uint8Array} plan
 * @returns {Uint8Array}
 */
function checked (check, plan) {
  try {
    check(plan)
  } catch (error) {
    throw fromNative(/** @type {any} */ (error))
  }
  return plan
}

module.exports = { start, now, readText, checked }
