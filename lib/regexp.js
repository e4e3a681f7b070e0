'use strict'
// SafeRegExp: the constructor and the members of its prototype, as in section 22.2 of ECMA-262. Documented in index.d.ts.

const { types } = require('node:util')
const { ReflectApply, ReflectConstruct } = require('./primordials')
const { programOf, offsets } = require('./regexp-program')
const { toArray, stringOf } = require('./regexp-result')
const { escape, escapeSource } = require('./regexp-escape')
const { protocols } = require('./regexp-protocols')
const { asyncMembers } = require('./regexp-async')
const { limitsOf } = require('./regexp-limits')
const { answerByTable, describeTable } = require('./regexp-table')
const { programIn, requireProgram, setProgram, toLength, execute } = require('./regexp-exec')

/**
 * What the native object holds: nothing of the pattern may reach V8's own engine, not even by `RegExp.prototype.exec.call(safe, subject)`. Who copies it by `new RegExp(safe)` or structuredClone gets this: it matches
 * nothing, so that no text is changed by it. Short: a longer one makes construction slower, 65 ns for 50 characters.
 */
const STUB = ['[]']

/** Taken at load: a program may put SafeRegExp in its place. */
const NativeRegExp = RegExp

/** Taken at load as well. */
const isNative = types.isRegExp

const getterOf = (/** @type {string} */ name) => /** @type {() => any} */ (Object.getOwnPropertyDescriptor(NativeRegExp.prototype, name)?.get)
/** Taken at load, since programs may patch them. Each reads a flag of the object itself. */
const NATIVE_FLAGS = [
  ['d', 'hasIndices'], ['g', 'global'], ['i', 'ignoreCase'], ['m', 'multiline'], ['s', 'dotAll'], ['u', 'unicode'], ['v', 'unicodeSets'], ['y', 'sticky']
].map(([letter, name]) => ({ letter, get: getterOf(name) }))
const nativeSource = getterOf('source')

/**
 * @param {any} pattern
 * @param {any} flags
 * @param {any} options with a default, so that the function's length stays 2
 * @returns {any}
 */
function SafeRegExp (pattern, flags, options = undefined) {
  const patternIsRegExp = isRegExp(pattern)
  let newTarget = new.target
  if (newTarget === undefined) {
    newTarget = SafeRegExp
    if (patternIsRegExp && flags === undefined && pattern.constructor === SafeRegExp) return pattern
  }
  let source = pattern
  const original = originalOf(pattern)
  if (original !== undefined) {
    source = original.source
    if (flags === undefined) flags = original.flags
  } else if (patternIsRegExp) {
    source = pattern.source
    if (flags === undefined) flags = pattern.flags
  }
  const limits = options === undefined ? original?.limits : limitsOf(options)
  return initialize(ReflectConstruct(NativeRegExp, STUB, newTarget), source, flags, limits)
}

/**
 * @param {any} object
 * @param {any} source
 * @param {any} flags
 * @param {number[] | undefined} limits
 */
function initialize (object, source, flags, limits) {
  const pattern = source === undefined ? '' : stringOf(source)
  setProgram(object, programOf(pattern, flags === undefined ? '' : stringOf(flags), limits))
  object.lastIndex = 0
  return object
}

/** IsRegExp. @param {any} value */
function isRegExp (value) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false
  const matcher = value[Symbol.match]
  return matcher === undefined ? isNative(value) : !!matcher
}

/**
 * [[OriginalSource]] and [[OriginalFlags]].
 *
 * @param {any} value
 * @returns {{ source: string, flags: string, limits?: number[] | undefined } | undefined} undefined for what is no regular expression
 */
function originalOf (value) {
  const program = programIn(value)
  if (program !== undefined) return program
  if (!isNative(value)) return undefined
  let flags = ''
  for (let index = 0; index < NATIVE_FLAGS.length; index++) {
    const { letter, get } = NATIVE_FLAGS[index]
    if (get !== undefined && ReflectApply(get, value, [])) flags += letter
  }
  return { source: ReflectApply(nativeSource, value, []), flags }
}

/** @param {any} value @param {string} member */
function requireObject (value, member) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) throw new TypeError(`SafeRegExp.prototype.${member} called on a value that is not an object`)
}

/**
 * @param {any} value
 * @param {'hasIndices' | 'global' | 'ignoreCase' | 'multiline' | 'dotAll' | 'unicode' | 'unicodeSets' | 'sticky'} name
 */
function flagOf (value, name) {
  return value === SafeRegExp.prototype ? undefined : requireProgram(value, name)[name]
}

const members = {
  /** @param {any} string */
  exec (string) {
    requireProgram(this, 'exec')
    const subject = stringOf(string)
    // The subject's toString and lastIndex's valueOf can have called compile(): the program is read after them.
    return builtinExec(this, subject) ? toArray(/** @type {any} */ (programIn(this)), subject, offsets(), 0) : null
  },

  /** @param {any} string */
  test (string) {
    requireObject(this, 'test')
    const subject = stringOf(string)
    const exec = this.exec
    const program = programIn(this)
    if (program !== undefined && exec === members.exec) {
      // Without g and y lastIndex is only converted, which nobody sees of a number.
      const answer = program.table !== null && typeof (/** @type {any} */ (this)).lastIndex === 'number' ? answerByTable(program, subject) : undefined
      return answer ?? builtinExec(this, subject)
    }
    return execute(this, subject, typeof exec === 'function' || program === undefined ? exec : members.exec) !== null
  },

  toString () {
    requireObject(this, 'toString')
    const { source } = /** @type {any} */ (this)
    return `/${stringOf(source)}/${stringOf(/** @type {any} */ (this).flags)}`
  },

  /** @param {any} pattern @param {any} flags */
  compile (pattern, flags) {
    const { limits } = requireProgram(this, 'compile')
    const original = originalOf(pattern)
    if (original === undefined) return initialize(this, pattern, flags, limits)
    if (flags !== undefined) throw new TypeError('Invalid flags: they cannot be given together with a regular expression')
    return initialize(this, original.source, original.flags, limits)
  },

  /** Which engine runs, and why. */
  explain () {
    const program = requireProgram(this, 'explain')
    const { linear, programSize, captures, lookarounds, mostSteps } = program
    const table = describeTable(program)
    return {
      engine: linear ? 'linear' : 'backtracking', linear, ...(!linear && { reason: 'backreference' }), programSize, captures: captures - 1, lookarounds, mostSteps: { ...mostSteps }, alphabets: ['latin1', 'utf16'],
      ...(table !== undefined && { table })
    }
  },

  get source () {
    if (/** @type {any} */ (this) === SafeRegExp.prototype) return '(?:)'
    return escapeSource(requireProgram(this, 'source').source)
  },

  get flags () {
    requireObject(this, 'flags')
    const object = /** @type {any} */ (this)
    let flags = ''
    if (object.hasIndices) flags += 'd'
    if (object.global) flags += 'g'
    if (object.ignoreCase) flags += 'i'
    if (object.multiline) flags += 'm'
    if (object.dotAll) flags += 's'
    if (object.unicode) flags += 'u'
    if (object.unicodeSets) flags += 'v'
    if (object.sticky) flags += 'y'
    return flags
  },

  get hasIndices () { return flagOf(this, 'hasIndices') },
  get global () { return flagOf(this, 'global') },
  get ignoreCase () { return flagOf(this, 'ignoreCase') },
  get multiline () { return flagOf(this, 'multiline') },
  get dotAll () { return flagOf(this, 'dotAll') },
  get unicode () { return flagOf(this, 'unicode') },
  get unicodeSets () { return flagOf(this, 'unicodeSets') },
  get sticky () { return flagOf(this, 'sticky') }
}

/**
 * RegExpBuiltinExec up to its array: the offsets are in `offsets()`.
 *
 * @param {any} object
 * @param {string} subject
 * @returns {boolean}
 */
function builtinExec (object, subject) {
  // Converted also where it is not used: its valueOf is observable.
  let lastIndex = toLength(object.lastIndex)
  // That valueOf can have called compile().
  const program = /** @type {import('./regexp-program').Program} */ (programIn(object))
  const moves = program.global || program.sticky
  if (!moves) lastIndex = 0
  const found = lastIndex <= subject.length && program.search(subject, lastIndex, program.sticky)
  if (moves) object.lastIndex = found ? offsets()[1] : 0
  return found
}

const statics = {
  get [Symbol.species] () { return this },
  // As a method: it is no constructor.
  escape (/** @type {any} */ text) { return escape(text) }
}

/** @param {any} target @param {any} source */
function define (target, source) {
  for (const key of Reflect.ownKeys(source)) {
    const descriptor = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(source, key))
    Object.defineProperty(target, key, { ...descriptor, enumerable: false })
  }
}

Object.setPrototypeOf(SafeRegExp, NativeRegExp)
Object.defineProperty(SafeRegExp, 'prototype', { value: Object.create(NativeRegExp.prototype), writable: false })
Object.defineProperty(SafeRegExp.prototype, 'constructor', { value: SafeRegExp, writable: true, configurable: true })
define(SafeRegExp, statics)
define(SafeRegExp.prototype, members)
define(SafeRegExp.prototype, asyncMembers)
define(SafeRegExp.prototype, protocols(/** @type {any} */ (SafeRegExp), members.exec))

module.exports = { SafeRegExp }
