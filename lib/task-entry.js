'use strict'
// A call that has not ended, its promise, and the table by which the binary knows it.

const deadlines = require('./deadlines')
const { keepShape } = require('./shapes')
const { unwatch } = require('./signals')
const tracing = require('./tracing')

/** @typedef {import('./lane-state').LaneState} LaneState */
/** @typedef {import('./options').TaskSettings} TaskSettings */

/**
 * @typedef {object} Operation
 * @property {string} name for traces and errors
 * @property {(...args: any[]) => number} submit the binary's function: `(lane, flags, timeout, tag, data, a, b, c, d, e)`
 * @property {string} [input] what its bytes are, for errors
 * @property {number} [overhead] bytes that the binary counts besides
 */

/** Status of a result (src/settle.rs), and of an end that is counted (src/lane.rs). */
const DONE = 0
const FAILED = 1
const ABORTED = 2
const TIMED_OUT = 3
const SHED = 4
const PROGRESS = 5
/** The binary has counted it as done, and then no value came of its result: it failed. */
const UNCONVERTED = 6
/** The task runs on, and does not read its input any more. */
const GAVE_BACK = 7
/** How traces call them. */
const OUTCOMES = ['completed', 'failed', 'aborted', 'timedOut', 'rejected']

/** A call that has not ended. */
class Entry {
  /**
   * @param {Operation} operation
   * @param {TaskSettings} settings
   * @param {number} bytes
   * @param {undefined | ((value: any) => any)} finish
   */
  constructor (operation, settings, bytes, finish) {
    this.operation = operation
    this.lane = settings.lane
    this.signal = settings.signal
    this.timeout = settings.timeout
    /** On performance.now()'s clock; Infinity: none. */
    this.deadline = settings.timeout > 0 ? deadlines.now() + settings.timeout : Infinity
    this.bytes = bytes
    /** Its number in the binary. */
    this.tag = -1
    /** Whether the binary has it. While false it waits for room in a lane with `overflow: 'wait'`. */
    this.submitted = false
    /** Whether its promise is settled. Its slot may still be taken. */
    this.settled = false
    /** @type {unknown} Keeps memory alive that the task reads. */
    this.keep = undefined
    this.finish = finish
    this.onProgress = settings.onProgress
    /** @type {undefined | import('./tracing').Traced} */
    this.trace = undefined
    this.resolve = resolveNow
    this.reject = rejectNow
  }
}

// A setter on Object.prototype, for `tag` say, would swallow what the constructor assigns, and the promise never settle.
Object.setPrototypeOf(Entry.prototype, null)

/** @type {(value: any) => void} */
let resolveNow
/** @type {(reason: unknown) => void} */
let rejectNow
// One function for all promises, since a closure for each costs more than the promise.
/** @type {(resolve: (value: any) => void, reject: (reason: unknown) => void) => void} */
const executor = (resolve, reject) => {
  resolveNow = resolve
  rejectNow = reject
}

// Without them the first task after a collection would take 0.1 ms more. Of the second the numbers are none, so that those of others can be of every kind.
for (const number of [0, undefined]) {
  const example = new Entry(/** @type {any} */ ({}), /** @type {any} */ ({ lane: {}, timeout: number }), /** @type {any} */ (number), undefined)
  keepShape(Object.assign(example, { deadline: number }))
}

/** @type {(Entry | undefined)[]} by tag */
const entries = []
/** @type {number[]} tags that are free: the first `free` of them */
const freeTags = []
let free = 0
// A setter on Array.prototype, for 0 say, would take what is put into them.
for (const list of [entries, freeTags]) Object.setPrototypeOf(list, null)
/** Tags that are kept when nobody has one. */
const KEPT_TAGS = 4096

/** @param {Entry} entry */
function enter (entry) {
  entry.tag = free > 0 ? freeTags[--free] : entries.length
  entries[entry.tag] = entry
  entry.lane.outstanding++
}

/**
 * The task occupies nothing any more.
 *
 * @param {Entry} entry
 */
function end (entry) {
  entries[entry.tag] = undefined
  freeTags[free++] = entry.tag
  entry.keep = undefined
  entry.lane.outstanding--
}

/** After a burst: a large table that nobody is in goes. */
function trim () {
  if (entries.length <= KEPT_TAGS || free < entries.length) return
  entries.length = 0
  freeTags.length = 0
  free = 0
}

/**
 * Settles the promise, once.
 *
 * @param {Entry} entry
 * @param {number} status
 * @param {unknown} value the result, or the reason of the rejection
 * @param {number} waitMs UNTIL_NOW of lib/tracing.js for a task that was never run
 * @param {number} runMs
 */
function settleWith (entry, status, value, waitMs, runMs) {
  entry.settled = true
  if (entry.signal !== undefined) unwatch(entry.signal, entry)
  if (entry.deadline !== Infinity) deadlines.forget()
  if (entry.trace !== undefined) tracing.end(entry.trace, OUTCOMES[status], value, waitMs, runMs)
  if (status === DONE) entry.resolve(value)
  else entry.reject(value)
}

module.exports = { Entry, executor, entries, enter, end, trim, settleWith, DONE, FAILED, ABORTED, TIMED_OUT, SHED, PROGRESS, UNCONVERTED, GAVE_BACK }
