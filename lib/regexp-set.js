'use strict'
// SafeRegExpSet: documented in index.d.ts.

const { native } = require('./native')
const { RegExpBudgetError, fromNative } = require('./errors')
const { inline } = require('./inline')
const { readTaskOptions } = require('./options')
const { run } = require('./task')
const { invalidType } = require('./validate')
const { SafeRegExp } = require('./regexp')
const { isOneByte } = require('./regexp-program')
const { programIn } = require('./regexp-exec')
const { append, stringOf } = require('./regexp-result')
const { INLINE_UNITS } = require('./regexp-async')
const { FinalizationRegistryPrototypeRegister, ObjectHasOwn, SafePromise } = require('./primordials')

/** @type {Record<'test' | 'match', import('./task').Operation>} */
const OPERATIONS = {
  test: { name: 'regexpSet.test', submit: native.submitRegExpSet },
  match: { name: 'regexpSet.match', submit: native.submitRegExpSet }
}

/** Bounds of a set. An instruction takes 200 to 400 bytes: 400 MB at most. */
const MOST_PATTERNS = 65536
const MOST_INSTRUCTIONS = 1_000_000

const dropped = new FinalizationRegistry((/** @type {number} */ handle) => native.dropRegExpSet(handle))

/** @typedef {import('./regexp-program').Program} Program */

class SafeRegExpSet {
  /** @type {number} */
  #handle
  /** @type {Program[]} */
  #programs
  #linear

  /**
   * @param {any} patterns
   * @param {any} [flags]
   */
  constructor (patterns, flags) {
    if (patterns === null || typeof patterns !== 'object' || typeof patterns[Symbol.iterator] !== 'function') throw invalidType('patterns', 'an iterable of strings and regular expressions', patterns)
    /** @type {Program[]} */
    const programs = []
    let size = 0
    let linear = true
    for (const pattern of patterns) {
      const program = /** @type {Program} */ (programIn(/** @type {any} */ (new SafeRegExp(pattern, flags))))
      append(programs, program)
      size += program.programSize
      linear &&= program.linear
      // Here, since there may be no end.
      if (programs.length > MOST_PATTERNS) throw new RegExpBudgetError({ message: `A set has at most ${MOST_PATTERNS} patterns` })
      if (size > MOST_INSTRUCTIONS) throw new RegExpBudgetError({ message: `The patterns of a set have at most ${MOST_INSTRUCTIONS} instructions together: pattern ${programs.length - 1} is one too many` })
    }
    const handles = new Uint32Array(programs.length)
    const sticky = new Uint8Array(programs.length)
    for (let index = 0; index < programs.length; index++) {
      handles[index] = programs[index].handle
      sticky[index] = programs[index].sticky ? 1 : 0
    }
    this.#handle = native.compileRegExpSet(handles, sticky)
    this.#programs = programs
    this.#linear = linear
    FinalizationRegistryPrototypeRegister(dropped, this, this.#handle)
  }

  get size () {
    return this.#programs.length
  }

  /** @param {any} string */
  test (string) {
    return this.#now(stringOf(string), false) === 1
  }

  /** @param {any} string */
  match (string) {
    return listOf(this.#now(stringOf(string), true))
  }

  /** @param {any} string @param {any} [options] */
  testAsync (string, options) {
    return this.#start(OPERATIONS.test, stringOf(string), false, options, (found) => found === 1)
  }

  /** @param {any} string @param {any} [options] */
  matchAsync (string, options) {
    return this.#start(OPERATIONS.match, stringOf(string), true, options, listOf)
  }

  /** @param {SafeRegExpSet} set */
  static programsOf (set) {
    return { handle: set.#handle, programs: set.#programs }
  }

  /** @param {string} subject @param {boolean} all */
  #now (subject, all) {
    const found = native.regExpSetNow(subject, this.#handle, all, isOneByte(subject))
    if (typeof found === 'object' && ObjectHasOwn(found, 'code')) throw fromNative(found)
    return found
  }

  /**
   * @param {import('./task').Operation} operation
   * @param {string} subject
   * @param {boolean} all
   * @param {any} options
   * @param {(found: any) => any} finish
   * @returns {Promise<any>}
   */
  #start (operation, subject, all, options, finish) {
    const task = readTaskOptions(options)
    // The set must live until the task has ended, which may have to wait for room: the binary knows it by number.
    const data = { byteLength: subject.length * 2, set: this }
    if (!(task.inline ?? (this.#linear && subject.length <= INLINE_UNITS))) return run(operation, task, data, true, (found) => finish(found), subject, this.#handle, all, isOneByte(subject))
    try {
      return inline(operation.name, data, task, () => finish(this.#now(subject, all)))
    } catch (error) {
      return SafePromise.reject(error)
    }
  }
}

/** @param {Uint32Array} positions */
function listOf (positions) {
  /** @type {number[]} */
  const list = []
  for (let index = 0; index < positions.length; index++) append(list, positions[index])
  return list
}

// Internal: not on the public class.
const programsOf = SafeRegExpSet.programsOf
delete (/** @type {any} */ (SafeRegExpSet).programsOf)

module.exports = { SafeRegExpSet, programsOf }
