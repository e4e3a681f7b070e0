'use strict'
// Compiled regular expressions of this isolate, and the searches with them.

const { setImmediate } = require('node:timers')
const { native, board } = require('./native')
const { append } = require('./regexp-result')
const { RegExpBudgetError } = require('./errors')
const { FinalizationRegistryPrototypeRegister, MapPrototypeDelete, MapPrototypeGet, MapPrototypeGetSize, MapPrototypeSet, StringFromCharCode, StringPrototypeIncludes, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeStartsWith } = require('./primordials')

/** Cells of the board that say more of a compilation (src/ops/regexp.rs). */
const STATUS = 0
const CAPTURES = 1
const LINEAR = 2
const PROGRAM_SIZE = 3
const LOOKAROUNDS = 4
const STEPS_BASE = 5
const STEPS_PER_UNIT = 6
const REQUIRED_UNIT = 7
const HANDLE = 8

/** What STATUS says: other than 0 the pattern was refused. */
const IS_SYNTAX = 2

/** Code units of a subject that the binary searches without keeping a copy; `SHORT` of src/raw.rs. */
const SHORT = 1024

/** How the binary is to search (src/ops/regexp.rs). */
const STICKY = 1
/** Where it has the subject from. */
const OF_SHORT = 0
const HELD = 2
const ONE_BYTE = 4
const UTF16 = 8

/** @type {undefined | ((string: string) => boolean)} */
let told

/**
 * Whether V8 keeps a string as Latin-1, which is half of the memory to copy. False where Node does not tell: Node 20.
 *
 * @param {string} string
 * @returns {boolean}
 */
function isOneByte (string) {
  // Not at load: node:v8 takes 1 ms, as much as the whole of SafeRegExp.
  told ??= /** @type {any} */ (require('node:v8')).isStringOneByteRepresentation ?? (() => false)
  return /** @type {any} */ (told)(string)
}

/** Programs kept for whoever compiles the same pattern next: without a crossing, construction costs what the native object does. */
const KEPT = 256
/** Longer sources are not kept. */
const KEPT_SOURCE = 4096

/** What is wanted of a search in its first cells: arguments of a call cost more. Then offsets of the last match: beginning and end of each group, -1 for one that took no part. */
let offsets = new Int32Array(128)
native.shareOffsets(offsets)

const NONE = new Int32Array(0)

/** @type {string | undefined} The last long subject: the binary has a copy, so that a loop over its matches copies it once. */
let held
/** Code units of a subject that is held for as long as no other one comes; longer ones until the event loop turns, as a loop over matches ends with it. They could be 1.5 GiB. */
const HELD_UNITS = 1 << 20
let isReleasing = false

function releaseSoon () {
  if (isReleasing) return
  isReleasing = true
  setImmediate(release).unref()
}

function release () {
  isReleasing = false
  // Undefined after a search that failed: the binary has the subject all the same.
  if (held !== undefined && held.length <= HELD_UNITS) return
  held = undefined
  native.forgetSubject()
}

const dropped = new FinalizationRegistry((/** @type {number} */ handle) => native.dropRegExp(handle))

class Program {
  /**
   * @param {string} source
   * @param {string} flags
   * @param {number[] | undefined} limits those of lib/regexp-limits.js; undefined: the defaults
   * @throws {SyntaxError} where `new RegExp` does
   * @throws {RegExpBudgetError} for a pattern above one of the limits
   */
  constructor (source, flags, limits) {
    const found = limits === undefined ? native.compileRegExp(source, flags) : native.compileRegExp(source, flags, limits[0], limits[1], limits[2], limits[3], limits[4], limits[5], limits[6])
    if (board[STATUS] !== 0) throw refusal(source, flags, found, board[STATUS] === IS_SYNTAX)
    /** @type {number} */
    this.handle = board[HANDLE] | 0
    this.source = source
    this.flags = flags
    this.limits = limits
    /** Groups, the whole match included. */
    this.captures = board[CAPTURES] | 0
    this.linear = board[LINEAR] === 1
    this.programSize = board[PROGRAM_SIZE]
    this.lookarounds = board[LOOKAROUNDS]
    /** Steps of one search, at most: so many, and so many for each code unit and once more. */
    this.mostSteps = { base: board[STEPS_BASE], perUnit: board[STEPS_PER_UNIT] }
    /** @type {[string, number][] | undefined} Names and their groups, in source order; a name can have several. */
    this.names = found === '' ? undefined : pairs(found)
    /** A code unit of every match; none is known: empty, which every subject has. */
    this.required = board[REQUIRED_UNIT] < 0 ? '' : StringFromCharCode(board[REQUIRED_UNIT])
    this.hasIndices = StringPrototypeIncludes(flags, 'd')
    this.global = StringPrototypeIncludes(flags, 'g')
    this.ignoreCase = StringPrototypeIncludes(flags, 'i')
    this.multiline = StringPrototypeIncludes(flags, 'm')
    this.dotAll = StringPrototypeIncludes(flags, 's')
    this.unicode = StringPrototypeIncludes(flags, 'u')
    this.unicodeSets = StringPrototypeIncludes(flags, 'v')
    this.sticky = StringPrototypeIncludes(flags, 'y')
    /** Whether a character is a code point. */
    this.fullUnicode = this.unicode || this.unicodeSets
    /** @type {Uint16Array | null | undefined} What test() walks (lib/regexp-table.js): null if there is none, undefined as long as nobody has looked. */
    this.table = this.linear && !this.global && !this.sticky ? undefined : null
    /** Calls of test() that would have had use for it. */
    this.tests = 0
    FinalizationRegistryPrototypeRegister(dropped, this, this.handle)
  }

  /**
   * The first match at or after `start`; exactly there if sticky. Its offsets are in `offsets()` until the next search.
   *
   * @param {string} subject
   * @param {number} start not above the subject's length
   * @param {boolean} sticky
   * @returns {boolean}
   */
  search (subject, start, sticky) {
    if (this.captures * 2 > offsets.length) {
      offsets = new Int32Array(this.captures * 2)
      native.shareOffsets(offsets)
    }
    if (subject.length <= SHORT) {
      try {
        return this.#search(subject, start, sticky ? STICKY : 0)
      } catch (error) {
        throw failure(error)
      }
    }
    return this.#from(subject, start, false, (from) => this.#search(subject, start, (sticky ? STICKY : 0) | from))
  }

  /** @param {string} subject @param {number} start @param {number} flags */
  #search (subject, start, flags) {
    offsets[0] = this.handle
    offsets[1] = start
    offsets[2] = flags
    native.execRegExp(subject)
    return offsets[0] >= 0
  }

  /**
   * The offsets of matches, one after the other: `limit` of them, or more where the engine found all that are left at once.
   *
   * @param {string} subject
   * @param {number} start not above the subject's length
   * @param {boolean} sticky
   * @param {number} limit
   * @returns {Int32Array}
   */
  searchAll (subject, start, sticky, limit) {
    return this.#from(subject, start, NONE, (from) => native.findAllRegExp(this.handle, subject, start, (sticky ? STICKY : 0) | from, limit))
  }

  /**
   * The subject with all matches replaced by a text with `$` references.
   *
   * @param {string} subject
   * @param {string} template
   * @returns {string}
   * @throws {RangeError} if no string can be as long
   */
  replaceAll (subject, template) {
    return this.#from(subject, 0, subject, (from) => native.replaceAllRegExp(this.handle, subject, 0, (this.sticky ? STICKY : 0) | from, template)) ?? subject
  }

  /**
   * @template T
   * @param {string} subject
   * @param {number} start
   * @param {T} nothing what there is where there is no match
   * @param {(from: number) => T} search
   * @returns {T}
   */
  #from (subject, start, nothing, search) {
    let from = OF_SHORT
    if (subject.length > SHORT) {
      if (subject === held) from = HELD
      // Looked for before the subject is copied, which takes as long or twice as long.
      else if (!StringPrototypeIncludes(subject, this.required, start)) return nothing
      else from = isOneByte(subject) ? ONE_BYTE : UTF16
      held = undefined
    }
    try {
      const result = search(from)
      if (subject.length > SHORT) held = subject
      return result
    } catch (error) {
      throw failure(error)
    } finally {
      if (subject.length > HELD_UNITS) releaseSoon()
    }
  }
}

/** @param {string} text names and groups, all behind a NUL */
function pairs (text) {
  /** @type {[string, number][]} */
  const list = []
  for (let at = 0; at < text.length;) {
    const middle = StringPrototypeIndexOf(text, '\0', at + 1)
    const next = StringPrototypeIndexOf(text, '\0', middle + 1)
    const end = next === -1 ? text.length : next
    append(list, [StringPrototypeSlice(text, at + 1, middle), +StringPrototypeSlice(text, middle + 1, end)])
    at = end
  }
  return list
}

/**
 * @param {string} source
 * @param {string} flags
 * @param {string} message
 * @param {boolean} isSyntax
 */
function refusal (source, flags, message, isSyntax) {
  if (!isSyntax) return new RegExpBudgetError({ message })
  if (StringPrototypeStartsWith(message, INVALID_FLAGS)) return new SyntaxError(`Invalid flags supplied to RegExp constructor '${shown(flags)}'${StringPrototypeSlice(message, INVALID_FLAGS.length)}`)
  return new SyntaxError(`Invalid regular expression: /${shown(source)}/${flags}: ${message}`)
}

const INVALID_FLAGS = 'Invalid flags'

/** @param {string} text */
function shown (text) {
  return text.length > 200 ? `${StringPrototypeSlice(text, 0, 197)}...` : text
}

/** @param {any} error */
function failure (error) {
  if (error?.code === 'ERR_TOO_LARGE') return new RangeError(error.message)
  if (error?.code === 'ERR_REGEXP_BUDGET') return new RegExpBudgetError({ message: error.message })
  return error
}

/** @type {Map<string, Program>} */
const programs = new Map()
/** Their keys, in a ring. @type {string[]} */
const order = new Array(KEPT + 1).fill('')
let oldest = 0

/**
 * @param {string} source
 * @param {string} flags
 * @param {number[] | undefined} limits
 * @returns {Program}
 */
function programOf (source, flags, limits) {
  if (limits !== undefined) return new Program(source, flags, limits)
  const key = `${flags}/${source}`
  /** @type {Program | undefined} */
  const kept = MapPrototypeGet(programs, key)
  // What is no flag could hold the slash.
  if (kept !== undefined && kept.flags === flags) return kept
  const program = new Program(source, flags, undefined)
  if (source.length <= KEPT_SOURCE) {
    MapPrototypeSet(programs, key, program)
    order[oldest] = key
    oldest = (oldest + 1) % order.length
    if (MapPrototypeGetSize(programs) > KEPT) MapPrototypeDelete(programs, order[oldest])
  }
  return program
}

module.exports = { Program, programOf, isOneByte, failure, offsets: () => offsets }
