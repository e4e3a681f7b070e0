'use strict'
// How tasks end: by their results, which come from the binary in batches, by a signal, a deadline, or the end of their lane.

const { native, board, setSettle, CELLS, RESULTS } = require('./native')
const { letGo } = require('./bytes')
const { entries, end, trim, settleWith, DONE, FAILED, ABORTED, TIMED_OUT, SHED, PROGRESS, UNCONVERTED, GAVE_BACK } = require('./task-entry')
const { LaneFullError, LaneClosedError, TaskTimeoutError, fromNative } = require('./errors')
const deadlines = require('./deadlines')
const tracing = require('./tracing')
const { SafePromise } = require('./primordials')

/** @typedef {import('./lane-state').LaneState} LaneState */
/** @typedef {import('./task-entry').Entry} Entry */

/** Answers to a cancellation (src/lane.rs). */
const WAITED = 1
const ENDED = 2

/** @type {Map<Entry, number>} tasks whose work had ended when they were stopped, of which the loop is still to hear; and how their promises ended */
const overtaken = new Map()

/**
 * Rejects a call that never got a tag.
 *
 * @param {Entry} entry
 * @param {number} status
 * @param {unknown} reason
 */
function refuse (entry, status, reason) {
  native.countEnd(entry.lane.handle, status)
  settleWith(entry, status, reason, 0, 0)
}

/**
 * A signal, or a lane that closes, ends a task.
 *
 * @param {Entry} entry
 * @param {unknown} reason
 */
function abort (entry, reason) {
  stop(entry, ABORTED, reason)
}

/**
 * Rejects at once and frees what can be freed: a queued task is gone, a running one keeps its slot until it reports its end.
 *
 * @param {Entry} entry
 * @param {number} status ABORTED or TIMED_OUT
 * @param {unknown} reason
 */
function stop (entry, status, reason) {
  if (entry.settled) return
  let waited = true
  if (entry.submitted) {
    const answer = native.cancel(entry.tag, status === TIMED_OUT ? 1 : 0)
    waited = answer === WAITED
    if (answer === ENDED) overtaken.set(entry, status)
  } else {
    entry.lane.waiting.delete(entry)
    native.countEnd(entry.lane.handle, status)
  }
  if (waited) end(entry)
  settleWith(entry, status, reason, waited ? tracing.UNTIL_NOW : 0, 0)
  updateLater(entry.lane)
}

/** @type {Set<LaneState>} */
const stale = new Set()

/**
 * Lets others into the lane once this turn of the loop is over. At once would be too early: of 200 clients that hang up together, each would let a task in, and have its input copied, that is the next to be
 * aborted (400 ms of loop for inputs of 8 MiB; 5 ms this way). And a lane that is being closed would run what is about to be cancelled.
 *
 * @param {LaneState} lane
 */
function updateLater (lane) {
  if (!lane.watched) return
  if (stale.size === 0) setImmediate(updateStale)
  stale.add(lane)
}

function updateStale () {
  const lanes = [...stale]
  stale.clear()
  for (const lane of lanes) lane.update()
  trim()
}

/**
 * Its deadline has passed.
 *
 * @param {Entry} entry
 */
function expire (entry) {
  stop(entry, TIMED_OUT, timeoutError(entry))
}

/** @param {Entry} entry */
function timeoutError (entry) {
  return new TaskTimeoutError({ lane: entry.lane.name, timeout: entry.timeout })
}

/** @type {Set<LaneState>} */
const touched = new Set()

/**
 * Takes a batch of results from the binary.
 *
 * @param {number} count
 * @param {unknown[]} values
 */
function settle (count, values) {
  for (let index = 0; index < count; index++) {
    const cell = RESULTS + index * CELLS
    const entry = /** @type {Entry} */ (entries[board[cell]])
    const status = board[cell + 1]
    if (status === PROGRESS) report(entry, values[index])
    else if (status === GAVE_BACK) letGo(entry.keep)
    else conclude(entry, status, values[index], board[cell + 2], board[cell + 3])
  }
  trim()
  if (touched.size === 0) return
  for (const lane of touched) lane.update()
  touched.clear()
}

/**
 * @param {Entry} entry
 * @param {number} status
 * @param {unknown} value
 * @param {number} waitMs
 * @param {number} runMs
 */
function conclude (entry, status, value, waitMs, runMs) {
  const { lane, settled, finish } = entry
  if (status === UNCONVERTED) {
    status = FAILED
    // One that was told to stop while it ran was counted as stopped.
    if (!settled || overtaken.has(entry)) native.recount(lane.handle, DONE, FAILED)
  }
  if (!settled) {
    // What is thrown here (by a signal of the caller's own making, say) is this task's end, and must not keep the others of the batch from theirs.
    try {
      if (status !== DONE) value = reasonOf(entry, status, value)
      else if (finish !== undefined) value = finish(value)
    } catch (error) {
      value = error
      if (status === DONE) {
        status = FAILED
        native.recount(lane.handle, DONE, FAILED)
      }
    }
  } else if (overtaken.size > 0) {
    recount(entry, status)
  }
  end(entry)
  if (lane.watched) touched.add(lane)
  if (!settled) settleWith(entry, status, value, status >= ABORTED && runMs === 0 ? tracing.UNTIL_NOW : waitMs, runMs)
}

/**
 * Counts a task that was stopped too late as what its promise says.
 *
 * @param {Entry} entry
 * @param {number} status how its work ended
 */
function recount (entry, status) {
  const stopped = overtaken.get(entry)
  if (stopped === undefined) return
  overtaken.delete(entry)
  native.recount(entry.lane.handle, status, stopped)
}

/**
 * @param {Entry} entry
 * @param {number} status
 * @param {any} value
 * @returns {unknown}
 */
function reasonOf (entry, status, value) {
  switch (status) {
    case TIMED_OUT: return timeoutError(entry)
    case ABORTED: return entry.signal?.reason ?? new LaneClosedError({ lane: entry.lane.name, cancelled: true })
    case SHED: return new LaneFullError({ lane: entry.lane.name, retryAfterMs: value, message: `The task was dropped for another: lane "${entry.lane.name}" is full` })
    default: return fromNative(value)
  }
}

/**
 * Progress of a task that goes on.
 *
 * @param {Entry} entry
 * @param {unknown} progress
 */
function report (entry, progress) {
  if (entry.settled || entry.onProgress === undefined) return
  try {
    /** @type {any} */
    const returned = entry.onProgress(progress)
    // An async function's rejection counts as what it throws. After the task's end it is nobody's.
    if (typeof returned?.then === 'function') SafePromise.resolve(returned).then(undefined, (error) => abort(entry, error))
  } catch (error) {
    abort(entry, error)
  }
}

/**
 * Ends everything that is left in a lane.
 *
 * @param {LaneState} lane
 * @param {() => unknown} reason
 */
function abortLane (lane, reason) {
  // Without the iterator of arrays, which this one does not inherit.
  for (let tag = 0; tag < entries.length; tag++) {
    const entry = entries[tag]
    if (entry !== undefined && entry.lane === lane) abort(entry, reason())
  }
}

setSettle(settle)
deadlines.setExpire(expire)

module.exports = { abort, abortLane, refuse, timeoutError }
