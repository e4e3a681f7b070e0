'use strict'
// The *Async members of SafeRegExp: the searches on a lane, what becomes of their offsets here. Documented in index.d.ts.

const { native } = require('./native')
const { inline } = require('./inline')
const { readTaskOptions } = require('./options')
const { run } = require('./task')
const { toArray, stringOf } = require('./regexp-result')
const { ALL, textsOf, replaceMatches, mostMatches, splitAtMatches } = require('./regexp-matches')
const { isOneByte } = require('./regexp-program')
const { programIn, requireProgram, toLength } = require('./regexp-exec')
const { MathMin, PromisePrototypeThen, SafePromise } = require('./primordials')

/** @typedef {import('./regexp-program').Program} Program */

/** Code units up to which a search costs the loop about as much on the spot as the way to a lane and back, 5 to 10 us. Not with backreferences, whose budget is milliseconds. */
const INLINE_UNITS = 1024

/** Bits of src/ops/regexp_async.rs. */
const STICKY = 1
const REPLACE = 2
const ONE_BYTE = 4

/** @type {Record<string, import('./task').Operation>} */
const OPERATIONS = Object.fromEntries(['test', 'exec', 'match', 'matchAll', 'replace', 'search', 'split'].map((name) => [
  name, { name: `regexp.${name}`, submit: native.submitRegExp }
]))

/**
 * A search of a subject.
 *
 * @typedef {object} Search
 * @property {keyof typeof OPERATIONS} name
 * @property {Program} program
 * @property {string} subject
 * @property {number} start
 * @property {boolean} sticky
 * @property {number} limit matches, at most
 * @property {string | undefined} template what each match is replaced with, for the subject's text as the result
 */

/**
 * @param {Search} search
 * @param {any} options
 * @param {(found: any) => any} finish makes the result of the offsets; of the text, undefined if nothing matched
 * @returns {Promise<any>}
 */
function start (search, options, finish) {
  const { name, program, subject, start, sticky, limit, template } = search
  const operation = OPERATIONS[name]
  const task = readTaskOptions(options)
  // The program must live until the task has ended, which may have to wait for room: the binary knows it by number.
  const data = { byteLength: subject.length * 2, program }
  if (!(task.inline ?? (program.linear && subject.length <= INLINE_UNITS))) {
    const bits = (sticky ? STICKY : 0) | (template === undefined ? 0 : REPLACE) | (isOneByte(subject) ? ONE_BYTE : 0)
    return run(operation, task, data, true, finish, subject, program.handle, bits, start, template ?? limit)
  }
  try {
    // Finished later in any case: lastIndex is written, and functions are called, when the promise settles.
    return PromisePrototypeThen(inline(operation.name, data, task, () => now(search)), finish)
  } catch (error) {
    return SafePromise.reject(error)
  }
}

/** @param {Search} search */
function now ({ program, subject, start, sticky, limit, template }) {
  return template === undefined ? program.searchAll(subject, start, sticky, limit) : program.replaceAll(subject, template)
}

/**
 * One match, as exec() finds it: from lastIndex as it is now, which is written when the search has ended.
 *
 * @param {keyof typeof OPERATIONS} name
 * @param {any} object
 * @param {string} subject
 * @param {any} options
 * @param {(program: Program, offsets: Int32Array) => any} finish the offsets are none if there is no match
 * @returns {Promise<any>}
 */
function first (name, object, subject, options, finish) {
  const lastIndex = toLength(object.lastIndex)
  // Its valueOf can have called compile().
  const program = /** @type {Program} */ (programIn(object))
  const moves = program.global || program.sticky
  const from = moves ? MathMin(lastIndex, subject.length + 1) : 0
  return start({ name, program, subject, start: from, sticky: program.sticky, limit: 1, template: undefined }, options, (offsets) => {
    if (moves) object.lastIndex = offsets.length > 0 ? offsets[1] : 0
    return finish(program, offsets)
  })
}

/**
 * All matches from the beginning; lastIndex is 0 in the end.
 *
 * @param {keyof typeof OPERATIONS} name
 * @param {any} object
 * @param {Program} program
 * @param {string} subject
 * @param {string | undefined} template
 * @param {any} options
 * @param {(found: any) => any} finish
 * @returns {Promise<any>}
 */
function all (name, object, program, subject, template, options, finish) {
  return start({ name, program, subject, start: 0, sticky: program.sticky, limit: ALL, template }, options, (found) => {
    object.lastIndex = 0
    return finish(found)
  })
}

/**
 * As the iterator of matchAll(): each array is made when it is asked for.
 *
 * @param {Program} program
 * @param {string} subject
 * @param {Int32Array} offsets
 */
function * arrays (program, subject, offsets) {
  for (let at = 0; at < offsets.length; at += program.captures * 2) yield toArray(program, subject, offsets, at)
}

/** @param {Program} program @param {string} member */
function requireGlobal (program, member) {
  if (!program.global) throw new TypeError(`SafeRegExp.prototype.${member} called on a regular expression without the flag g`)
}

/**
 * @param {any} object
 * @param {string} member
 * @param {any} string
 * @param {any} replacement
 * @param {any} options
 * @returns {Promise<string>}
 */
function replace (object, member, string, replacement, options) {
  const program = requireProgram(object, member)
  if (member === 'replaceAllAsync') requireGlobal(program, member)
  const subject = stringOf(string)
  const replace = typeof replacement === 'function' ? replacement : stringOf(replacement)
  if (!program.global) {
    return first('replace', object, subject, options, (program, offsets) => replaceMatches(program, subject, offsets, replace))
  }
  // A text is put together on the lane: here each match would cost 50 ns.
  if (typeof replace === 'string') return all('replace', object, program, subject, replace, options, (text) => text ?? subject)
  return all('replace', object, program, subject, undefined, options, (offsets) => replaceMatches(program, subject, offsets, replace))
}

const asyncMembers = {
  /** @this {any} @param {any} string @param {any} [options] */
  testAsync (string, options) {
    requireProgram(this, 'testAsync')
    return first('test', this, stringOf(string), options, (_, offsets) => offsets.length > 0)
  },

  /** @this {any} @param {any} string @param {any} [options] */
  execAsync (string, options) {
    requireProgram(this, 'execAsync')
    const subject = stringOf(string)
    return first('exec', this, subject, options, (program, offsets) => offsets.length > 0 ? toArray(program, subject, offsets, 0) : null)
  },

  /** @this {any} @param {any} string @param {any} [options] */
  matchAsync (string, options) {
    const program = requireProgram(this, 'matchAsync')
    const subject = stringOf(string)
    if (program.global) return all('match', this, program, subject, undefined, options, (offsets) => textsOf(program, subject, offsets))
    return first('match', this, subject, options, (program, offsets) => offsets.length > 0 ? toArray(program, subject, offsets, 0) : null)
  },

  /** @this {any} @param {any} string @param {any} [options] */
  matchAllAsync (string, options) {
    const program = requireProgram(this, 'matchAllAsync')
    requireGlobal(program, 'matchAllAsync')
    const subject = stringOf(string)
    const from = MathMin(toLength(this.lastIndex), subject.length + 1)
    return start({ name: 'matchAll', program, subject, start: from, sticky: program.sticky, limit: ALL, template: undefined }, options, (offsets) => arrays(program, subject, offsets))
  },

  /** @this {any} @param {any} string @param {any} replacement @param {any} [options] */
  replaceAsync (string, replacement, options) {
    return replace(this, 'replaceAsync', string, replacement, options)
  },

  /** @this {any} @param {any} string @param {any} replacement @param {any} [options] */
  replaceAllAsync (string, replacement, options) {
    return replace(this, 'replaceAllAsync', string, replacement, options)
  },

  /** @this {any} @param {any} string @param {any} [options] */
  searchAsync (string, options) {
    const program = requireProgram(this, 'searchAsync')
    const subject = stringOf(string)
    return start({ name: 'search', program, subject, start: 0, sticky: program.sticky, limit: 1, template: undefined }, options, (offsets) => offsets.length > 0 ? offsets[0] : -1)
  },

  /** @this {any} @param {any} string @param {any} [limit] @param {any} [options] */
  splitAsync (string, limit, options) {
    const program = requireProgram(this, 'splitAsync')
    const subject = stringOf(string)
    const most = limit === undefined ? ALL : limit >>> 0
    // Of an empty subject there is a piece unless it matches; nobody looks further where no piece is wanted.
    const sticky = subject === ''
    return start({ name: 'split', program, subject, start: 0, sticky, limit: sticky ? 1 : mostMatches(most), template: undefined }, options, (offsets) => {
      if (most === 0) return []
      if (subject === '') return offsets.length > 0 ? [] : ['']
      return splitAtMatches(program, subject, offsets, most)
    })
  }
}

module.exports = { asyncMembers, INLINE_UNITS }
