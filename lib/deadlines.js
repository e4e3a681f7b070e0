'use strict'
// One timer for all deadlines of the isolate, at the earliest: a timer per task would cost more than the task's dispatch (1.4 us against 0.7).
// The binary checks deadlines as well, when a task starts and at its checkpoints; this is for promises of tasks that neither start nor poll in time.

/** @type {() => number} */
let expire = () => Infinity
/** @type {NodeJS.Timeout | undefined} */
let timer
let due = Infinity

/** Not above 2^31 - 1, which setTimeout would take for 1. */
const LONGEST = 2147483647

const now = performance.now.bind(performance)

/** @param {() => number} callback ends what is over and returns the next deadline */
function setExpire (callback) {
  expire = callback
}

/**
 * Has the timer fire at `deadline`, if it would fire later.
 *
 * @param {number} deadline on performance.now()'s clock
 */
function expect (deadline) {
  if (deadline >= due) return
  due = deadline
  clearTimeout(timer)
  // Rounded up: a timer that fires early would find nothing to end and be set again.
  timer = setTimeout(onTimer, Math.min(Math.max(1, Math.ceil(deadline - now())), LONGEST))
  // The tasks keep the loop alive, not their deadlines.
  timer.unref()
}

function onTimer () {
  due = Infinity
  const next = expire()
  if (next !== Infinity) expect(next)
}

module.exports = { now, expect, setExpire }
