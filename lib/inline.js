'use strict'
// Work on the calling thread, where that costs the loop less than the way to a lane and back.

const { types } = require('node:util')
const { isWhole, takeOver } = require('./bytes')
const { LaneClosedError } = require('./errors')
const { reasonOfAbort } = require('./signals')
const tracing = require('./tracing')
const { SafePromise } = require('./primordials')

/**
 * Whether to hash on the spot: if asked to, or if it costs the loop less than the way to a lane and back.
 *
 * @param {import('./algorithms').Algorithm} algorithm
 * @param {number} bytes of input, and of output, which is work too
 * @param {import('./options').TaskSettings} task
 * @returns {boolean}
 */
function fitsInline (algorithm, bytes, task) {
  if (task.inline !== undefined) return task.inline
  return bytes <= (task.transfer ? algorithm.inlineTransferBytes : algorithm.inlineBytes)
}

/**
 * Does the work now, as a task that has ended.
 *
 * @param {string} operation
 * @param {Input} input
 * @param {import('./options').TaskSettings} task
 * @param {() => any} work
 * @returns {Promise<any>}
 */
function inline (operation, input, task, work) {
  const { signal, lane, transfer } = task
  if (signal !== undefined && signal.aborted) return refuse(operation, input, 'aborted', reasonOfAbort(signal))
  // However small: after close() a lane takes nothing any more.
  if (lane.closed) return refuse(operation, input, 'rejected', new LaneClosedError({ lane: lane.name }))
  const result = tracing.active() ? tracing.inline(operation, sizeOf(input), work) : work()
  // As promised: detached when the call returns, wherever the work was done. A refused call leaves it alone.
  if (transfer && types.isUint8Array(input) && isWhole(input)) takeOver(input)
  return SafePromise.resolve(result)
}

/**
 * Ends a call that never becomes a task.
 *
 * @param {string} operation
 * @param {Input} input
 * @param {'aborted' | 'rejected'} outcome
 * @param {unknown} error
 * @returns {Promise<never>}
 */
function refuse (operation, input, outcome, error) {
  if (tracing.active()) tracing.refused(operation, sizeOf(input), outcome, error)
  return SafePromise.reject(error)
}

/** @typedef {string | Uint8Array | { byteLength: number }} Input */

/** @param {Input} input */
function sizeOf (input) {
  return typeof input === 'string' ? Buffer.byteLength(input) : input.byteLength
}

module.exports = { fitsInline, inline, refuse }
