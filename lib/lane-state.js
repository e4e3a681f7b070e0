'use strict'
// What a lane is to lib/task.js. The public face of it is lib/lane.js.

const { AsyncResource } = require('node:async_hooks')
const { binding } = require('./binding')
const { native } = require('./native')

/** @typedef {import('./task-entry').Entry} Entry */

const OVERFLOW = ['reject', 'shed-oldest', 'shed-lowest', 'wait']

/**
 * @typedef {object} Bounds
 * @property {string} name
 * @property {number} concurrency
 * @property {number} maxQueue
 * @property {number} maxQueueBytes
 * @property {number} timeout 0: none
 * @property {number} overflow position in OVERFLOW
 */

/** @type {FinalizationRegistry<number>} */
const registry = new FinalizationRegistry((handle) => native.dropLane(handle))

let prepared = false

/** Once per isolate, with its first lane. */
function prepare () {
  prepared = true
  const { threadPoolSize } = binding.runtime()
  if (threadPoolSize === 1) {
    process.emitWarning(
      'libuv\'s thread pool has one thread (UV_THREADPOOL_SIZE=1). Sidelane leaves it to fs, dns and zlib and uses a thread of its own; with a pool of 2 or more it would need none.',
      { type: 'SidelaneWarning', code: 'SIDELANE_POOL_OF_ONE' }
    )
  }
  // Tasks would keep the exiting process waiting for their threads. (A program may emit 'exit' and not mean it.)
  process.on('exit', () => {
    if (/** @type {any} */ (process)._exiting !== false) native.stopAll()
  })
}

/** How late 'drain' may be. */
const LOOK_MS = 5

class LaneState {
  /**
   * @param {Bounds} bounds
   * @param {(event: 'saturated' | 'drain') => void} emit raises the event soon, in the async context of the call: what a listener throws must not end in here
   */
  constructor (bounds, emit) {
    this.bounds = bounds
    this.name = bounds.name
    this.timeout = bounds.timeout
    this.waits = OVERFLOW[bounds.overflow] === 'wait'
    this.emit = emit
    this.closed = false
    /** Tasks that have not ended, those included that have been settled and still occupy a slot. */
    this.outstanding = 0
    /** @type {Map<Entry, () => boolean>} Tasks that wait for room, and how each tries again: false when there is none still. */
    this.waiting = new Map()
    /** Whether something has to be done when tasks end: somebody waits for room, for 'drain' or for idleness. */
    this.watched = false
    /** @type {undefined | AsyncResource} The context of the call that saturated the lane: 'drain' is emitted in it. */
    this.saturation = undefined
    /** @type {(() => void)[]} */
    this.idlers = []
    this.index = -1
    /** @type {NodeJS.Timeout | undefined} */
    this.look = undefined
  }

  /** The binary's lane, made with its first use: until then nothing is known of the process, and nothing asked. */
  get handle () {
    if (this.index === -1) this.open()
    return this.index
  }

  open () {
    if (!prepared) prepare()
    const { concurrency, maxQueue, maxQueueBytes, overflow } = this.bounds
    this.index = native.openLane(concurrency, maxQueue, maxQueueBytes, overflow)
    registry.register(this, this.index)
  }

  /** A task found no room. */
  saturate () {
    if (this.saturation !== undefined) return
    this.saturation = new AsyncResource('SidelaneLane')
    this.watched = true
    this.emit('saturated')
  }

  /** After tasks have ended: lets others in, and tells who wanted to know. */
  update () {
    if (!this.watched) return
    this.admitWaiting()
    if (this.saturation !== undefined && this.waiting.size === 0) this.drain(this.saturation)
    if (this.outstanding === 0) {
      for (const resolve of this.idlers.splice(0)) resolve()
    }
    this.watched = this.saturation !== undefined || this.waiting.size > 0 || this.idlers.length > 0
  }

  /**
   * @param {AsyncResource} saturation
   */
  drain (saturation) {
    if (native.queued(this.handle) === 0) {
      this.saturation = undefined
      saturation.runInAsyncScope(this.emit, undefined, 'drain')
    } else if (this.look === undefined) {
      // The last task leaves the queue when a runner takes it, of which nobody tells the loop: its end may be far.
      this.look = setTimeout(() => {
        this.look = undefined
        this.update()
      }, LOOK_MS)
      this.look.unref()
    }
  }

  admitWaiting () {
    for (const [entry, tryAgain] of this.waiting) {
      if (!tryAgain()) return
      this.waiting.delete(entry)
    }
  }

  /** @returns {Promise<void>} */
  idle () {
    if (this.outstanding === 0) return Promise.resolve()
    this.watched = true
    return new Promise((resolve) => this.idlers.push(resolve))
  }
}

// As with Entry in lib/task.js: what Object.prototype has must not swallow what is assigned here.
Object.setPrototypeOf(LaneState.prototype, null)

module.exports = { LaneState, OVERFLOW }
