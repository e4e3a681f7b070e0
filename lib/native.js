'use strict'
// The binary's hot functions for this isolate, and the numbers that it shares with them.

const { binding } = require('./binding')

/** Results per crossing; `BATCH` of src/settle.rs. */
const BATCH = 256
/** Cells per result: tag, status, milliseconds waited, milliseconds run. */
const CELLS = 4
/** First cell of the results. Those before it belong to the answers of single calls, which a result's reaction may make. */
const RESULTS = 32

/** Written by the binary, read here, on the same thread. */
const board = new Float64Array(RESULTS + BATCH * CELLS)

/** @type {(count: number, values: unknown[]) => void} */
let onSettle = () => {}

/**
 * Who is told of results.
 *
 * @param {(count: number, values: unknown[]) => void} listener
 */
function setSettle (listener) {
  onSettle = listener
}

/**
 * A bug of ours that a synchronous call met.
 *
 * @param {unknown[]} values
 */
function internalError ([message, operation]) {
  // Not at load: few programs ever see one.
  const { InternalError } = require('./errors')
  return new InternalError({ message: String(message), operation: String(operation) })
}

/** @type {Record<string, (...args: any[]) => any>} */
const native = {}
// The binary calls it with a count of results, or with -1 for an error that it is to throw.
binding.attach(native, (/** @type {number} */ count, /** @type {unknown[]} */ ...values) => count < 0 ? internalError(values) : onSettle(count, values), board)

module.exports = { native, board, setSettle, CELLS, RESULTS }
