'use strict'
// findMany: documented in index.d.ts. Subjects are joined to one string, which crosses at once: 20 ns a subject, where one call for each would cost 100.

const { constants } = require('node:buffer')
const { native } = require('./native')
const { TooLargeError } = require('./errors')
const { inline } = require('./inline')
const { readTaskOptions } = require('./options')
const { run } = require('./task')
const { invalidType, isArray, oneOf } = require('./validate')
const { failure } = require('./regexp-program')
const { programIn } = require('./regexp-exec')
const { append, toArray } = require('./regexp-result')
const { INLINE_UNITS } = require('./regexp-async')
const { ArrayPrototypeJoin, SafePromise } = require('./primordials')

/** @type {import('./task').Operation} */
const FIND_MANY = { name: 'findMany', submit: native.submitFindMany }

/** What a subject costs beyond its code units, in code units: as in src/ops/regexp_many.rs. */
const SUBJECT = 64

const AS = ['matches', 'offsets']

/** Bytes of all offsets of a call. */
const LARGEST_OUTPUT = 2 ** 30

/**
 * @param {any} regexp
 * @param {any} subjects
 * @param {any} [options]
 * @returns {Promise<any>}
 */
function findMany (regexp, subjects, options) {
  const program = programIn(regexp)
  if (program === undefined) throw invalidType('regexp', 'an instance of SafeRegExp', regexp)
  if (!isArray(subjects)) throw invalidType('subjects', 'an instance of Array', subjects)
  const task = readTaskOptions(options)
  const as = oneOf(options?.as ?? 'matches', 'options.as', AS)
  const width = program.captures * 2
  // Before there are copies of a holey array's length.
  const count = subjects.length
  const tooMany = checkSize(0, count * width * 4)
  if (tooMany !== undefined) return SafePromise.reject(tooMany)
  const { strings, ends, length } = measure(subjects, count)
  const refusal = checkSize(length, 0)
  if (refusal !== undefined) return SafePromise.reject(refusal)
  const joined = ArrayPrototypeJoin(strings, '')
  // The program must live until the task has ended, which may have to wait for room: the binary knows it by number.
  const data = { byteLength: length * 2, program }
  const finish = as === 1
    ? (/** @type {Int32Array} */ offsets) => offsets
    : (/** @type {Int32Array} */ offsets) => {
        /** @type {(RegExpExecArray | null)[]} */
        const matches = []
        for (let index = 0; index < count; index++) append(matches, offsets[index * width] < 0 ? null : toArray(program, strings[index], offsets, index * width))
        return matches
      }
  if (!(task.inline ?? (program.linear && length + strings.length * SUBJECT <= INLINE_UNITS))) {
    return run(FIND_MANY, task, data, true, finish, joined, program.handle, program.sticky, ends)
  }
  try {
    return inline(FIND_MANY.name, data, task, () => finish(native.findManyNow(joined, program.handle, program.sticky, ends)))
  } catch (error) {
    return SafePromise.reject(failure(error))
  }
}

/**
 * A copy of the array, and where each string ends in all of them.
 *
 * @param {any[]} subjects
 * @param {number} count how many they were when they were counted
 * @returns {{ strings: string[], ends: Uint32Array, length: number }}
 */
function measure (subjects, count) {
  /** @type {string[]} */
  const strings = []
  const ends = new Uint32Array(count)
  let length = 0
  for (let index = 0; index < count; index++) {
    const subject = subjects[index]
    if (typeof subject !== 'string') throw invalidType(`subjects[${index}]`, 'of type string', subject)
    append(strings, subject)
    length += subject.length
    ends[index] = length
  }
  return { strings, ends, length }
}

/**
 * @param {number} units
 * @param {number} output bytes
 * @returns {Error | undefined}
 */
function checkSize (units, output) {
  if (units > constants.MAX_STRING_LENGTH) {
    return new TooLargeError({ message: `The subjects have ${units} code units together, findMany takes at most ${constants.MAX_STRING_LENGTH} in one call`, limit: constants.MAX_STRING_LENGTH, received: units })
  }
  if (output <= LARGEST_OUTPUT) return undefined
  return new TooLargeError({ message: `The offsets have ${output} bytes together, findMany returns at most ${LARGEST_OUTPUT} in one call`, limit: LARGEST_OUTPUT, received: output })
}

module.exports = { findMany }
