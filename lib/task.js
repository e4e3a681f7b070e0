'use strict'
// run(): the one way work reaches the binary: what is checked before, admission, the transfer of buffers, waiting for room. How tasks end is in task-end.js.

const { native, board } = require('./native')
const { isWhole, takeOver } = require('./bytes')
const { LaneFullError, LaneClosedError, TaskTimeoutError, TooLargeError, InternalError, invalidState } = require('./errors')
const { watch, reasonOfAbort } = require('./signals')
const { Entry, executor, enter, end, settleWith, FAILED, ABORTED, TIMED_OUT, SHED } = require('./task-entry')
const { abort, refuse, timeoutError } = require('./task-end')
const deadlines = require('./deadlines')
const tracing = require('./tracing')
const { SafePromise, settled } = require('./primordials')
const { keepShape } = require('./shapes')

/** @typedef {import('./options').TaskSettings} TaskSettings */
/** @typedef {import('./task-entry').Operation} Operation */

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

/** Code units of a string that is converted without asking for room. */
const SHORT = 4096

/** Flags beside the priority. */
const TAKEN = 4
const KEEPS = 16

// As those of entries: the first task after a collection would take 0.05 ms more.
for (const number of [0, undefined]) keepShape(submissionOf(0, false, false, number, false, number, number, number, number, number))

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
  if (signal !== undefined && signal.aborted) return refuse(entry, ABORTED, reasonOfAbort(signal))
  if (lane.closed) return refuse(entry, SHED, new LaneClosedError({ lane: lane.name }))
  enter(entry)
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

module.exports = { run, LateInput, submissionOf }
