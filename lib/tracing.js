'use strict'
// The tracing channel 'sidelane:task': every task, with lane, operation, bytes, times and outcome. Costs about 20 ns a task while nobody listens.

const { AsyncResource } = require('node:async_hooks')
const { tracingChannel } = require('node:diagnostics_channel')

/**
 * The message of all events of one task.
 *
 * @typedef {object} Trace
 * @property {string} operation
 * @property {string | null} lane null: it ran inline, or was refused before it came to a lane
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
 * What is kept of a task that is traced.
 *
 * @typedef {object} Traced
 * @property {Trace} message
 * @property {AsyncResource} context of the call: results come in batches, in no context, but a tracer wants to know its parent
 * @property {number} begun on performance.now()'s clock
 * @property {boolean} returned whether the call has returned: what ends before publishes its end after `end`
 */

/** For {@link end}: a task that was never run has waited until now. */
const UNTIL_NOW = -1

/**
 * Publishes start and end around the submission, as TracingChannel's own tracePromise does.
 *
 * @param {import('./task-entry').Entry} entry
 * @param {() => void} submit
 */
function start (entry, submit) {
  /** @type {Trace} */
  const message = { operation: entry.operation.name, lane: entry.lane.name, bytes: entry.bytes }
  channel.start.runStores(message, () => {
    const traced = { message, context: new AsyncResource('SidelaneTask'), begun: performance.now(), returned: false }
    entry.trace = traced
    try {
      submit()
    } finally {
      traced.returned = true
      channel.end.publish(message)
      if (message.outcome !== undefined) publishEnd(message)
    }
  })
}

/**
 * @param {Traced} traced
 * @param {string} outcome
 * @param {unknown} value
 * @param {number} waitMs
 * @param {number} runMs
 */
function end ({ message, context, begun, returned }, outcome, value, waitMs, runMs) {
  complete(message, outcome, value, waitMs === UNTIL_NOW ? performance.now() - begun : waitMs, runMs)
  if (returned) context.runInAsyncScope(publishEnd, undefined, message)
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
  const message = { operation, lane: null, bytes }
  return channel.start.runStores(message, () => {
    const begin = performance.now()
    let outcome = 'failed'
    /** @type {unknown} */
    let value
    try {
      const result = work()
      outcome = 'completed'
      value = result
      return result
    } catch (error) {
      value = error
      throw error
    } finally {
      complete(message, outcome, value, 0, performance.now() - begin)
      channel.end.publish(message)
      publishEnd(message)
    }
  })
}

/**
 * A call that was refused before it became a task of a lane.
 *
 * @param {string} operation
 * @param {number} bytes
 * @param {string} outcome
 * @param {unknown} error
 */
function refused (operation, bytes, outcome, error) {
  /** @type {Trace} */
  const message = { operation, lane: null, bytes }
  channel.start.runStores(message, () => {
    complete(message, outcome, error, 0, 0)
    channel.end.publish(message)
    publishEnd(message)
  })
}

/**
 * @param {Trace} message
 * @param {string} outcome
 * @param {unknown} value
 * @param {number} waitMs
 * @param {number} runMs
 */
function complete (message, outcome, value, waitMs, runMs) {
  Object.assign(message, { outcome, waitMs, runMs, [outcome === 'completed' ? 'result' : 'error']: value })
}

/** @param {Trace} message */
function publishEnd (message) {
  if (message.outcome !== 'completed') channel.error.publish(message)
  channel.asyncStart.publish(message)
  channel.asyncEnd.publish(message)
}

module.exports = { active, start, end, inline, refused, UNTIL_NOW }
