'use strict'
// What json and ndjson share: a call on a text with a plan, in a lane or on the spot.

const { toBytes } = require('./bytes')
const { fromNative, isFailure } = require('./errors')
const { inline } = require('./inline')
const { readTaskOptions } = require('./options')
const { run } = require('./task')

/** Bytes up to which a text costs the loop less on the spot than on its way to a lane: 4 us at 1 GB/s. */
const INLINE_BYTES = 4096

/** Steps for each code unit up to which searches are short in any case: 0.3 ms for such a text. */
const QUICK_STEPS = 64

/**
 * A call that is ready to run.
 *
 * @typedef {object} Prepared
 * @property {string | Uint8Array} input
 * @property {Uint8Array} plan
 * @property {(value: any) => any} finish
 * @property {boolean} [ours] whether nobody else knows the input
 * @property {import('./regexp-program').Program[]} [regexps] those of the plan
 */

/**
 * @typedef {object} TextOperation
 * @property {import('./task-entry').Operation} operation
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
  const { input, plan, finish, ours = false, regexps = [] } = prepared
  const task = readTaskOptions(options)
  // Read before the options were, whose getters are anybody's: what was detached meanwhile would be an empty text.
  if (typeof input !== 'string') toBytes(input, 'data')
  const short = input.length <= (text.inlineBytes ?? INLINE_BYTES) && regexps.every(({ linear, mostSteps }) => linear && mostSteps.perUnit <= QUICK_STEPS)
  // The programs go along so that they live as long as the call waits for room.
  if (!(task.inline ?? short)) return run(operation, task, input, ours, finish, plan, regexps)
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
  if (isFailure(result)) throw fromNative(result)
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
