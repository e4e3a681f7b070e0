'use strict'
// The package over the binary with injected faults (`npm run build:test`), for tests, their workers and their child processes.
// Must be loaded before anything else loads the package.

const path = require('node:path')

const root = path.join(__dirname, '..', '..')
const { hostAbi } = require('../../lib/binding')
process.env.SIDELANE_NATIVE_LIBRARY_PATH ??= path.join(root, `sidelane.faults.${hostAbi()}.node`)

const sidelane = require('../..')
const { native } = require('../../lib/native')
const { run } = require('../../lib/task')
const { readTaskOptions } = require('../../lib/options')

if (!native.submitFault) throw new Error(`${process.env.SIDELANE_NATIVE_LIBRARY_PATH} was built without the feature 'faults': npm run build:test`)

/** @type {import('../../lib/task').Operation} */
const FAULT = { name: 'fault', submit: native.submitFault }

/**
 * A task that misbehaves as src/ops/faults.rs says.
 *
 * @param {number} kind
 * @param {number} ms
 * @param {import('../..').TaskOptions} [options]
 * @param {number} [bytes] that it holds while it waits; it resolves to that number
 * @returns {Promise<string>}
 */
function fault (kind, ms, options, bytes = 0) {
  return run(FAULT, readTaskOptions(options), undefined, false, undefined, kind, ms, bytes)
}

module.exports = {
  ...sidelane,
  native,
  run,
  readTaskOptions,
  fault,
  /** Keeps a core busy and polls. */
  spin: (ms, options, bytes) => fault(0, ms, options, bytes),
  /** Occupies a slot and never polls; costs no CPU. */
  nap: (ms, options, bytes) => fault(1, ms, options, bytes),
  panicInKernel: (options) => fault(2, 0, options),
  panicInSettle: (options) => fault(3, 0, options),
  fail: (options) => fault(4, 0, options)
}
