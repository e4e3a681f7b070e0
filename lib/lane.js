'use strict'
// class Lane: the public face of lib/lane-state.js. Documented in index.d.ts.

const { EventEmitter } = require('node:events')
const { native, board } = require('./native')
const { LaneState, OVERFLOW } = require('./lane-state')
const { abortLane } = require('./task-end')
const { LaneClosedError, invalidState } = require('./errors')
const { checkOptions, checkString, checkTimeout, checkDelay, oneOf, invalidType, outOfRange } = require('./validate')

let count = 0

class Lane extends EventEmitter {
  /** @type {LaneState} */
  #state

  /** @type {Lane} */
  static default

  /** @param {any} [options] */
  constructor (options = {}) {
    super()
    const bounds = readLaneOptions(options)
    this.#state = new LaneState(bounds, (event) => process.nextTick(() => this.emit(event)))
  }

  get name () {
    return this.#state.name
  }

  stats () {
    native.laneStats(this.#state.handle)
    const [queued, queuedBytes, running, completed, failed, aborted, timedOut, rejected] = board
    return { queued, queuedBytes, running, completed, failed, aborted, timedOut, rejected, waitMs: summaryAt(8), runMs: summaryAt(14) }
  }

  idle () {
    return this.#state.idle()
  }

  /** @param {any} [options] */
  close (options = {}) {
    checkOptions(options)
    const { timeout } = options
    if (timeout !== undefined) checkDelay(timeout, 'options.timeout')
    if (this === Lane.default) throw invalidState('The default lane cannot be closed: other parts of the program use it')
    const state = this.#state
    state.closed = true
    const cancel = () => abortLane(state, () => new LaneClosedError({ lane: state.name, cancelled: true }))
    if (timeout === 0) cancel()
    const timer = timeout > 0 && timeout !== Infinity ? setTimeout(cancel, timeout) : undefined
    return state.idle().then(() => clearTimeout(timer))
  }

  [asyncDispose()] () {
    return this.close({ timeout: 0 })
  }

  /** @param {Lane} lane */
  static stateOf (lane) {
    return lane.#state
  }
}

// Internal: not on the public class.
const stateOf = Lane.stateOf
delete (/** @type {any} */ (Lane).stateOf)

/** Symbol.asyncDispose is there from Node 20 on, in types of later versions only. */
function asyncDispose () {
  return /** @type {typeof Symbol.asyncDispose} */ (Symbol.asyncDispose)
}

/**
 * @param {number} cell
 */
function summaryAt (cell) {
  const [count, mean, p50, p90, p99, max] = board.subarray(cell, cell + 6)
  return { count, mean, p50, p90, p99, max }
}

/**
 * @param {any} options
 * @returns {import('./lane-state').Bounds}
 */
function readLaneOptions (options) {
  checkOptions(options)
  const { name = `lane-${++count}`, concurrency = Infinity, maxQueue = 1024, maxQueueBytes = 256 * 1024 * 1024, timeout, overflow = 'reject' } = options
  checkString(name, 'options.name')
  checkBound(concurrency, 'options.concurrency', 1)
  checkBound(maxQueue, 'options.maxQueue', 0)
  checkBound(maxQueueBytes, 'options.maxQueueBytes', 0)
  if (timeout !== undefined) checkTimeout(timeout, 'options.timeout')
  return { name, concurrency, maxQueue, maxQueueBytes, timeout: timeout ?? 0, overflow: oneOf(overflow, 'options.overflow', OVERFLOW) }
}

/**
 * A whole number, or Infinity for no bound.
 *
 * @param {unknown} value
 * @param {string} name
 * @param {number} least
 */
function checkBound (value, name, least) {
  if (value === Infinity) return
  if (typeof value !== 'number') throw invalidType(name, 'of type number', value)
  if (!Number.isSafeInteger(value) || value < least) throw outOfRange(name, `an integer from ${least} to ${Number.MAX_SAFE_INTEGER}, or Infinity`, value)
}

Object.defineProperty(Lane, 'default', { value: new Lane({ name: 'default' }), enumerable: true, writable: false, configurable: false })

module.exports = { Lane, stateOf }
