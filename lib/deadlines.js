'use strict'
// One timer for all deadlines of the isolate, at the earliest: a timer per task would cost more than the task's dispatch (1.4 us against 0.7).
// The binary checks deadlines as well, when a task starts and at its checkpoints; this is for promises of tasks that neither start nor poll in time.

/** @typedef {{ deadline: number, settled: boolean }} Expected what {@link expect} needs of a task */

/** @type {(entry: any) => void} */
let expire = () => {}
/** @type {NodeJS.Timeout | undefined} */
let timer
let due = Infinity

/** @type {Expected[]} A binary heap, the earliest first. Tasks that have settled stay in it until they come up or are swept out. */
let heap = []
/** Tasks that have settled since the last sweep: at least as many as are in the heap. */
let settled = 0
/** With fewer no sweep is worth its while. */
const FEW = 64

/** Not above 2^31 - 1, which setTimeout would take for 1. */
const LONGEST = 2147483647

/** @type {undefined | { now: () => number }} */
let clock

/** Milliseconds on performance.now()'s clock. */
function now () {
  // Not at load, where Node makes it: 0.8 ms. And not the global, which a program may have replaced.
  clock ??= require('node:perf_hooks').performance
  return clock.now()
}

/** @param {(entry: any) => void} callback ends a task whose deadline has passed */
function setExpire (callback) {
  expire = callback
}

/**
 * Has the task ended at its deadline, unless it has settled by then.
 *
 * @param {Expected} entry its deadline is on performance.now()'s clock
 */
function expect (entry) {
  let at = heap.push(entry) - 1
  while (at > 0) {
    const above = (at - 1) >> 1
    if (heap[above].deadline <= entry.deadline) break
    heap[at] = heap[above]
    at = above
  }
  heap[at] = entry
  arm(entry.deadline)
}

/** A task with a deadline has settled. */
function forget () {
  // Half of them at least: a sweep costs each task that settles two steps.
  if (++settled <= FEW || settled * 2 <= heap.length) return
  settled = 0
  heap = heap.filter((entry) => !entry.settled)
  for (let at = (heap.length >> 1) - 1; at >= 0; at--) sink(at, heap[at])
}

/**
 * Puts an entry in the place `at` or below.
 *
 * @param {number} at
 * @param {Expected} entry
 */
function sink (at, entry) {
  for (;;) {
    let below = 2 * at + 1
    if (below >= heap.length) break
    if (below + 1 < heap.length && heap[below + 1].deadline < heap[below].deadline) below++
    if (heap[below].deadline >= entry.deadline) break
    heap[at] = heap[below]
    at = below
  }
  heap[at] = entry
}

/** Takes the earliest out. */
function shift () {
  const last = /** @type {Expected} */ (heap.pop())
  if (heap.length > 0) sink(0, last)
}

/**
 * Has the timer fire at `deadline`, if it would fire later.
 *
 * @param {number} deadline
 */
function arm (deadline) {
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
  const time = now()
  while (heap.length > 0) {
    const first = heap[0]
    if (!first.settled && first.deadline > time) break
    shift()
    if (!first.settled) expire(first)
  }
  if (heap.length > 0) arm(heap[0].deadline)
}

module.exports = { now, expect, forget, setExpire }
