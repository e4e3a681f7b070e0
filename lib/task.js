'use strict'
// run(): the one way work reaches the binary. Owns promises, signals, deadlines and the transfer of buffers.

const { native, board, setSettle, CELLS, RESULTS } = require('./native')
const { isWhole, takeOver } = require('./bytes')
const { LaneFullError, LaneClosedError, TaskTimeoutError, TooLargeError, InternalError, fromNative, invalidState } = require('./errors')
const { watch, unwatch } = require('./signals')
const deadlines = require('./deadlines')
const tracing = require('./tracing')
const { SafePromise } = require('./primordials')
const { keepShape } = require('./shapes')

/** @typedef {import('./lane-state').LaneState} LaneState */
/** @typedef {import('./options').TaskSettings} TaskSettings */

/**
 * @typedef {object} Operation
 * @property {string} name for traces and errors
 * @property {(...args: any[]) => number} submit the binary's function: `(lane, flags, timeout, tag, data, a, b, c, d, e)`
 * @property {string} [input] what its bytes are, for errors
 * @property {number} [overhead] bytes that the binary counts besides
 */

/** Input that is made only when its lane has said that there is room for it: a refused call spends nothing on it. Nobody else knows what is made. */
class LateInput {
  /**
   * @param {number} byteLength at least
   * @param {() => any} make what goes to the binary, with its `byteLength`
   */
  constructor (byteLength, make) {
    this.byteLength = byteLength
    this.make = make
  }
}

/** Answers of the binary to a submission (src/submit.rs). */
const QUEUED = 0
const FULL = 1
const CLOSED = 2
const TOO_LARGE = 3
const LATE = 4
const QUEUED_AND_SHED = 5
const QUEUED_DEFERRED = 6

/** Answers to a cancellation (src/lane.rs). */
const WAITED = 1
const ENDED = 2

/** Status of a result (src/settle.rs), and of an end that is counted (src/lane.rs). */
const DONE = 0
const FAILED = 1
const ABORTED = 2
const TIMED_OUT = 3
const SHED = 4
const PROGRESS = 5
/** How traces call them. */
const OUTCOMES = ['completed', 'failed', 'aborted', 'timedOut', 'rejected']

/** Code units of a string that is converted without asking for room. */
const SHORT = 4096

/** Flags beside the priority. */
const TAKEN = 4
const KEEPS = 16

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
  keepShape(submissionOf(0, false, false, number, false, number, number, number, number, number))
}

const settled = SafePromise.resolve()

/** @type {(Entry | undefined)[]} by tag */
const entries = []
/** @type {number[]} tags that are free */
const freeTags = []
/** Tags that are kept when nobody has one. */
const KEPT_TAGS = 4096
/** @type {Map<Entry, number>} tasks whose work had ended when they were stopped, of which the loop is still to hear; and how their promises ended */
const overtaken = new Map()

/**
 * Runs an operation of the binary in a lane.
 *
 * @param {Operation} operation
 * @param {TaskSettings} settings
 * @param {string | Uint8Array | LateInput | { byteLength: number } | undefined} data the bytes that the operation takes over or copies, or a string's UTF-8; of an operation that gets its input otherwise, how large
 *   that is, and whatever must live as long as the task
 * @param {boolean} ours whether nobody else knows `data`: then it is neither copied nor detached
 * @param {undefined | ((value: any) => any)} finish makes the result of what the binary returns
 * @param {any} [a]
 * @param {any} [b]
 * @param {any} [c]
 * @param {any} [d]
 * @param {any} [e]
 * @returns {Promise<any>}
 */
function run (operation, settings, data, ours, finish, a, b, c, d, e) {
  const promise = new SafePromise(executor)
  const entry = new Entry(operation, settings, sizeOf(data), finish)
  const keeps = settings.patient || entry.lane.waits
  const submission = submissionOf(keeps ? settings.priority | KEEPS : settings.priority, keeps, settings.transfer, data, ours, a, b, c, d, e)
  if (tracing.active()) tracing.start(entry, () => begin(entry, submission))
  else begin(entry, submission)
  return promise
}

/**
 * @param {number} flags
 * @param {boolean} keeps
 * @param {boolean} transfer
 * @param {any} data
 * @param {boolean} ours
 * @param {any} a
 * @param {any} b
 * @param {any} c
 * @param {any} d
 * @param {any} e
 * @returns {Submission}
 */
function submissionOf (flags, keeps, transfer, data, ours, a, b, c, d, e) {
  return { flags, keeps, transfer, data, ours, a, b, c, d, e }
}

/**
 * @param {any} data
 * @returns {number} bytes; of a string at least
 */
function sizeOf (data) {
  if (data === undefined) return 0
  return typeof data === 'string' ? data.length : data.byteLength
}

/**
 * @param {Entry} entry
 * @param {Submission} submission
 */
function begin (entry, submission) {
  const { lane, signal } = entry
  if (signal !== undefined && signal.aborted) return refuse(entry, ABORTED, signal.reason)
  if (lane.closed) return refuse(entry, SHED, new LaneClosedError({ lane: lane.name }))
  entry.tag = freeTags.pop() ?? entries.push(undefined) - 1
  entries[entry.tag] = entry
  lane.outstanding++
  try {
    // Behind those that wait already.
    if (submission.keeps && lane.waiting.size > 0) wait(entry, submission)
    else submit(entry, submission)
  } catch (error) {
    fail(entry, error)
  }
  if (entry.settled) return
  if (entry.deadline !== Infinity) deadlines.expect(entry)
  if (signal !== undefined) watch(signal, entry, abort)
}

/**
 * @typedef {object} Submission
 * @property {number} flags
 * @property {boolean} keeps whether the task is kept here when there is no room for it
 * @property {boolean} transfer
 * @property {any} data
 * @property {boolean} ours
 * @property {any} a
 * @property {any} b
 * @property {any} c
 * @property {any} d
 * @property {any} e
 */

/**
 * Hands the task to the binary, or has it wait for room, or rejects it.
 *
 * @param {Entry} entry
 * @param {Submission} submission
 */
function submit (entry, submission) {
  const answer = send(entry, submission)
  if (answer === QUEUED) {
    entry.submitted = true
    return
  }
  if (answer === QUEUED_DEFERRED) {
    entry.submitted = true
    // As a microtask: behind the reactions that are due, which may submit more.
    settled.then(native.startDeferred)
    return
  }
  const { lane } = entry
  if (answer === FULL || answer === QUEUED_AND_SHED) lane.saturate()
  if (answer === FULL && submission.keeps) wait(entry, submission)
  else accept(entry, answer)
}

/**
 * Has a task wait for room, outside the lane's bounds.
 *
 * @param {Entry} entry
 * @param {Submission} submission
 */
function wait (entry, submission) {
  // What is to be taken over is detached when the call returns, room or not.
  if (isToBeTaken(submission)) take(submission)
  entry.lane.waiting.set(entry, () => {
    try {
      checkUnchanged(entry, submission)
      const answer = send(entry, submission)
      if (answer === FULL) return false
      accept(entry, answer)
    } catch (error) {
      fail(entry, error)
    }
    return true
  })
}

/**
 * @param {number} answer of the binary
 * @returns {boolean} whether there is room, or the task is in
 */
function isQueued (answer) {
  return answer === QUEUED || answer === QUEUED_AND_SHED || answer === QUEUED_DEFERRED
}

/**
 * @param {Submission} submission
 * @returns {boolean} whether its buffer is the caller's still, and to be taken over
 */
function isToBeTaken ({ transfer, ours, data }) {
  return transfer && !ours && data !== undefined && isWhole(data)
}

/**
 * Takes the caller's buffer over; one that cannot be detached is copied later.
 *
 * @param {Submission} submission
 */
function take (submission) {
  const taken = takeOver(submission.data)
  if (taken !== undefined) Object.assign(submission, { data: taken, ours: true })
}

/**
 * A task that waits for room has not copied its input. Should that have been detached meanwhile it looks empty, and the answer would be wrong.
 *
 * @param {Entry} entry
 * @param {Submission} submission
 */
function checkUnchanged ({ lane, bytes }, { data, ours }) {
  if (ours || data === undefined || typeof data === 'string' || data.byteLength === bytes) return
  throw invalidState(`The input was detached or resized while the task waited for room in lane "${lane.name}"`)
}

/**
 * Ends a task whose submission threw.
 *
 * @param {Entry} entry
 * @param {unknown} error
 */
function fail (entry, error) {
  end(entry)
  native.countEnd(entry.lane.handle, FAILED)
  settleWith(entry, FAILED, error, 0, 0)
}

/**
 * @param {Entry} entry
 * @param {number} answer of the binary
 */
function accept (entry, answer) {
  entry.submitted = isQueued(answer)
  if (answer === QUEUED_DEFERRED) native.startDeferred()
  if (entry.submitted) return
  const reason = refusal(entry, answer)
  end(entry)
  settleWith(entry, answer === LATE ? TIMED_OUT : SHED, reason, 0, 0)
}

/**
 * @param {Entry} entry
 * @param {Submission} submission
 * @returns {number} the binary's answer
 */
function send (entry, submission) {
  const { operation: { submit, overhead = 0 }, lane } = entry
  const { a, b, c, d, e } = submission
  // What is left of it: a task may have waited for room.
  const timeout = entry.deadline === Infinity ? 0 : Math.max(entry.deadline - deadlines.now(), 0.001)
  let asked = QUEUED
  let made
  if (typeof submission.data === 'string') {
    // Asked first: converting 50 MB takes 200 ms, which a full lane's callers should not have to spend.
    if (submission.data.length > SHORT) asked = native.ask(lane.handle, submission.flags, timeout, submission.data.length)
    if (!isQueued(asked)) return asked
    submission.data = Buffer.from(submission.data)
    submission.ours = true
    entry.bytes = submission.data.byteLength
  } else if (isToBeTaken(submission)) {
    // Asked first, so that a refused call leaves the caller's buffer alone.
    asked = native.ask(lane.handle, submission.flags, timeout, entry.bytes + overhead)
    if (!isQueued(asked)) return asked
    take(submission)
  } else if (submission.data instanceof LateInput) {
    const late = submission.data
    if (late.byteLength > SHORT) asked = native.ask(lane.handle, submission.flags, timeout, late.byteLength + overhead)
    if (!isQueued(asked)) return asked
    made = late.make()
    entry.bytes = made.byteLength
  }
  const ours = submission.ours
  const data = made ?? submission.data
  if (ours) entry.keep = data
  const answer = submit(lane.handle, ours ? submission.flags | TAKEN : submission.flags, timeout, entry.tag, data, a, b, c, d, e)
  if (asked !== QUEUED_AND_SHED || !isQueued(answer)) return answer
  if (answer === QUEUED_DEFERRED) native.startDeferred()
  return QUEUED_AND_SHED
}

/**
 * @param {Entry} entry
 * @param {number} answer
 * @returns {Error}
 */
function refusal (entry, answer) {
  const { lane, timeout, bytes, operation: { name, input = 'The input', overhead = 0 } } = entry
  const number = board[0]
  switch (answer) {
    case FULL: return new LaneFullError({ lane: lane.name, retryAfterMs: number })
    case CLOSED: return new LaneClosedError({ lane: lane.name })
    case TOO_LARGE: return new TooLargeError({
      message: `${input} has ${bytes + overhead} bytes, but lane "${lane.name}" holds at most ${number} (maxQueueBytes)`, limit: number, received: bytes + overhead
    })
    // Nobody ahead: the time was up already, such as after a copy that took longer.
    case LATE: return number < 1 ? timeoutError(entry) : new TaskTimeoutError({ lane: lane.name, timeout, expectedWaitMs: number })
    default: return new InternalError({ message: `Unexpected answer ${answer}`, operation: name })
  }
}

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

/** After a burst: a large table that nobody is in goes. */
function trim () {
  if (entries.length <= KEPT_TAGS || freeTags.length < entries.length) return
  entries.length = 0
  freeTags.length = 0
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

/**
 * The task occupies nothing any more.
 *
 * @param {Entry} entry
 */
function end (entry) {
  entries[entry.tag] = undefined
  freeTags.push(entry.tag)
  entry.keep = undefined
  entry.lane.outstanding--
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
  for (const entry of entries) {
    if (entry !== undefined && entry.lane === lane) abort(entry, reason())
  }
}

setSettle(settle)
deadlines.setExpire(expire)

module.exports = { run, abortLane, submissionOf, Entry, LateInput }
