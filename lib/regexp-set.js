'use strict'
// SafeRegExpSet: documented in index.d.ts.

const { native } = require('./native')
const { fromNative } = require('./errors')
const { inline } = require('./inline')
const { readTaskOptions } = require('./options')
const { run } = require('./task')
const { invalidType } = require('./validate')
const { SafeRegExp } = require('./regexp')
const { isOneByte } = require('./regexp-program')
const { programIn } = require('./regexp-exec')
const { stringOf } = require('./regexp-result')
const { INLINE_UNITS } = require('./regexp-async')
const { SafePromise } = require('./primordials')

/** @type {Record<'test' | 'match', import('./task-entry').Operation>} */
const OPERATIONS = {
  test: { name: 'regexpSet.test', submit: native.submitRegExpSet },
  match: { name: 'regexpSet.match', submit: native.submitRegExpSet }
}

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
    for (const pattern of patterns) {
      const program = programIn(/** @type {any} */ (new SafeRegExp(pattern, flags)))
      programs.push(/** @type {Program} */ (program))
    }
    this.#handle = native.compileRegExpSet(Uint32Array.from(programs, ({ handle }) => handle), Uint8Array.from(programs, ({ sticky }) => sticky ? 1 : 0))
    this.#programs = programs
    this.#linear = programs.every(({ linear }) => linear)
    dropped.register(this, this.#handle)
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
    return Array.from(this.#now(stringOf(string), true))
  }

  /** @param {any} string @param {any} [options] */
  testAsync (string, options) {
    return this.#start(OPERATIONS.test, stringOf(string), false, options, (found) => found === 1)
  }

  /** @param {any} string @param {any} [options] */
  matchAsync (string, options) {
    return this.#start(OPERATIONS.match, stringOf(string), true, options, Array.from)
  }

  /** @param {SafeRegExpSet} set */
  static programsOf (set) {
    return { handle: set.#handle, programs: set.#programs }
  }

  /** @param {string} subject @param {boolean} all */
  #now (subject, all) {
    const found = native.regExpSetNow(subject, this.#handle, all, isOneByte(subject))
    if (found?.code !== undefined) throw fromNative(found)
    return found
  }

  /**
   * @param {import('./task-entry').Operation} operation
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

// Internal: not on the public class.
const programsOf = SafeRegExpSet.programsOf
delete (/** @type {any} */ (SafeRegExpSet).programsOf)

module.exports = { SafeRegExpSet, programsOf }
