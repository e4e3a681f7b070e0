'use strict'
// The tracing channel 'sidelane:task': every task, with lane, operation, bytes, times and outcome. Costs about 20 ns a task while nobody listens.

const { tracingChannel } = require('node:diagnostics_channel')

/**
 * The message of all events of one task.
 *
 * @typedef {object} Trace
 * @property {string} operation
 * @property {string | null} lane null: it ran inline
 * @property {number} bytes of input
 * @property {number} [waitMs] time in the queue; present from asyncStart on
 * @property {number} [runMs] time of the work
 * @property {string} [outcome] completed, failed, aborted, timedOut or rejected
 * @property {unknown} [result]
 * @property {unknown} [error]
 */

const channel = tracingChannel('sidelane:task')

/** @returns {boolean} */
function active () {
  // channel.hasSubscribers came with Node 22.
  return channel.start.hasSubscribers || channel.end.hasSubscribers || channel.asyncStart.hasSubscribers || channel.asyncEnd.hasSubscribers || channel.error.hasSubscribers
}

/**
 * Publishes start and end around the submission, as TracingChannel's own tracePromise does.
 *
 * @param {import('./task').Entry} entry
 * @param {() => void} submit
 */
function start (entry, submit) {
  const trace = { operation: entry.operation.name, lane: entry.lane.name, bytes: entry.bytes }
  entry.trace = trace
  channel.start.runStores(trace, () => {
    submit()
    channel.end.publish(trace)
  })
}

/**
 * @param {import('./task').Entry} entry
 * @param {string} outcome
 * @param {unknown} value
 * @param {number} waitMs
 * @param {number} runMs
 */
function end (entry, outcome, value, waitMs, runMs) {
  const trace = /** @type {Trace} */ (entry.trace)
  publishEnd(Object.assign(trace, { outcome, waitMs, runMs }), value)
}

/**
 * A task that ran on the calling thread.
 *
 * @template T
 * @param {string} operation
 * @param {number} bytes
 * @param {() => T} work
 * @returns {T}
 */
function inline (operation, bytes, work) {
  /** @type {Trace} */
  const trace = { operation, lane: null, bytes }
  const begin = performance.now()
  try {
    const result = channel.start.runStores(trace, work)
    channel.end.publish(trace)
    publishEnd(Object.assign(trace, { outcome: 'completed', waitMs: 0, runMs: performance.now() - begin }), result)
    return result
  } catch (error) {
    channel.end.publish(trace)
    publishEnd(Object.assign(trace, { outcome: 'failed', waitMs: 0, runMs: performance.now() - begin }), error)
    throw error
  }
}

/**
 * @param {Trace} trace
 * @param {unknown} value
 */
function publishEnd (trace, value) {
  if (trace.outcome === 'completed') {
    trace.result = value
  } else {
    trace.error = value
    channel.error.publish(trace)
  }
  channel.asyncStart.publish(trace)
  channel.asyncEnd.publish(trace)
}

module.exports = { active, start, end, inline }
