'use strict'
// The members that String.prototype's methods call. Each follows ECMA-262 step by step; where `exec` and `flags` are the object's own kind, the matches of a whole subject come in one crossing instead.

const { types } = require('node:util')
const {
  MathMax, MathMin, MathTrunc, ObjectGetOwnPropertyDescriptor, ObjectGetPrototypeOf, ObjectHasOwn, ObjectIs, ReflectApply, SafeProxy, StringPrototypeIncludes, StringPrototypeSlice
} = require('./primordials')
const { append, substitute, stringOf } = require('./regexp-result')
const { ALL, textsOf, replaceMatches, mostMatches, splitAtMatches } = require('./regexp-matches')
const { programIn, toLength, execute, readExec, fallback, advance, isUnicode } = require('./regexp-exec')
const { RegExpStringIterator } = require('./regexp-iterator')

/**
 * @param {any} SafeRegExp
 * @param {Function} builtinExec
 */
function protocols (SafeRegExp, builtinExec) {
  /**
   * The program to search with directly, where that is what the steps would do: the flags that the caller read are its own, and `exec` is ours.
   *
   * @param {any} object
   * @param {string} flags
   * @param {any} exec
   */
  function direct (object, flags, exec) {
    const program = programIn(object)
    return program !== undefined && exec === builtinExec && sameFlags(program.flags, flags) && isValue(object) ? program : undefined
  }

  /** Whether `exec` is the value of a property all the way: a getter may say otherwise the next time, and is asked for each match. @param {any} object */
  function isValue (object) {
    let holder = object
    while (!ObjectHasOwn(holder, 'exec')) {
      holder = ObjectGetPrototypeOf(holder)
      if (holder === SafeRegExp.prototype) break
      if (holder === null || isProxy(holder)) return false
    }
    return ObjectGetOwnPropertyDescriptor(holder, 'exec')?.get === undefined
  }

  return {
    /** @this {any} @param {any} string */
    [Symbol.match] (string) {
      const object = receiver(this, 'match')
      const subject = stringOf(string)
      const flags = stringOf(object.flags)
      if (!StringPrototypeIncludes(flags, 'g')) return execute(object, subject, readExec(object, builtinExec))
      object.lastIndex = 0
      const exec = object.exec
      const program = direct(object, flags, exec)
      if (program !== undefined) {
        const offsets = program.searchAll(subject, 0, program.sticky, ALL)
        object.lastIndex = 0
        return textsOf(program, subject, offsets)
      }
      const { texts } = collect(object, subject, isUnicode(flags), exec, builtinExec)
      return texts.length === 0 ? null : texts
    },

    /** @this {any} @param {any} string */
    [Symbol.matchAll] (string) {
      const object = receiver(this, 'matchAll')
      const subject = stringOf(string)
      const Constructor = speciesOf(object, SafeRegExp)
      const flags = stringOf(object.flags)
      const matcher = new Constructor(object, flags)
      matcher.lastIndex = toLength(object.lastIndex)
      return new RegExpStringIterator(matcher, subject, StringPrototypeIncludes(flags, 'g'), isUnicode(flags), builtinExec)
    },

    /** @this {any} @param {any} string @param {any} replacement */
    [Symbol.replace] (string, replacement) {
      const object = receiver(this, 'replace')
      const subject = stringOf(string)
      const replace = typeof replacement === 'function' ? replacement : stringOf(replacement)
      const flags = stringOf(object.flags)
      const global = StringPrototypeIncludes(flags, 'g')
      if (global) object.lastIndex = 0
      const exec = object.exec
      const program = global ? direct(object, flags, exec) : undefined
      if (program !== undefined) {
        // What stands before or behind each match makes a text that is much longer than the subject: V8 keeps it as a tree of pieces.
        if (typeof replace === 'string' && !StringPrototypeIncludes(replace, '$`') && !StringPrototypeIncludes(replace, "$'")) {
          const replaced = program.replaceAll(subject, replace)
          object.lastIndex = 0
          return replaced
        }
        const offsets = program.searchAll(subject, 0, program.sticky, ALL)
        object.lastIndex = 0
        return replaceMatches(program, subject, offsets, replace)
      }
      if (global) return replaceResults(subject, collect(object, subject, isUnicode(flags), exec, builtinExec).results, replace)
      const result = execute(object, subject, typeof exec === 'function' ? exec : fallback(object, builtinExec))
      return result === null ? subject : replaceResults(subject, [result], replace)
    },

    /** @this {any} @param {any} string */
    [Symbol.search] (string) {
      const object = receiver(this, 'search')
      const subject = stringOf(string)
      const before = object.lastIndex
      if (!ObjectIs(before, 0)) object.lastIndex = 0
      const result = execute(object, subject, readExec(object, builtinExec))
      if (!ObjectIs(object.lastIndex, before)) object.lastIndex = before
      return result === null ? -1 : result.index
    },

    /** @this {any} @param {any} string @param {any} limit */
    [Symbol.split] (string, limit) {
      const object = receiver(this, 'split')
      const subject = stringOf(string)
      const Constructor = speciesOf(object, SafeRegExp)
      const flags = stringOf(object.flags)
      const splitter = new Constructor(object, StringPrototypeIncludes(flags, 'y') ? flags : `${flags}y`)
      const most = limit === undefined ? ALL : limit >>> 0
      if (most === 0) return []
      if (Constructor === SafeRegExp && subject !== '') {
        const program = programIn(splitter)
        // Where it is a value, nobody sees that it is read.
        if (program !== undefined && isValue(splitter) && splitter.exec === builtinExec) {
          return splitAtMatches(program, subject, program.searchAll(subject, 0, false, mostMatches(most)), most)
        }
      }
      return splitStepwise(splitter, subject, most, isUnicode(flags), builtinExec)
    }
  }
}

/** @param {any} value @param {string} member */
function receiver (value, member) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) throw new TypeError(`SafeRegExp.prototype[Symbol.${member}] called on a value that is not an object`)
  return value
}

/** @param {string} own in any order @param {string} read */
function sameFlags (own, read) {
  if (own.length !== read.length) return false
  for (let index = 0; index < own.length; index++) {
    if (!StringPrototypeIncludes(read, own[index])) return false
  }
  return true
}

/** SpeciesConstructor. @param {any} object @param {any} SafeRegExp */
function speciesOf (object, SafeRegExp) {
  const constructor = object.constructor
  if (constructor === undefined) return SafeRegExp
  if (constructor === null || (typeof constructor !== 'object' && typeof constructor !== 'function')) throw new TypeError('The "constructor" property must be an object')
  const species = constructor[Symbol.species] ?? SafeRegExp
  if (species !== SafeRegExp && !isConstructor(species)) throw new TypeError('The species of the expression must be a constructor')
  return species
}

const { isProxy } = types

/** Of a Proxy that constructs nothing, so that nobody is asked. */
const probe = { __proto__: null, construct: () => probe }

/** IsConstructor. @param {any} value */
function isConstructor (value) {
  try {
    return new (new SafeProxy(value, probe))() === probe
  } catch {
    return false
  }
}

/**
 * All results of a global search, one exec() each.
 *
 * @param {any} object
 * @param {string} subject
 * @param {boolean} unicode
 * @param {any} exec the first one, read by the caller
 * @param {Function} builtinExec
 */
function collect (object, subject, unicode, exec, builtinExec) {
  /** @type {any[]} */
  const results = []
  /** @type {string[]} */
  const texts = []
  for (;;) {
    const result = execute(object, subject, typeof exec === 'function' ? exec : fallback(object, builtinExec))
    if (result === null) return { results, texts }
    const text = stringOf(result[0])
    append(results, result)
    append(texts, text)
    if (text === '') object.lastIndex = advance(subject, toLength(object.lastIndex), unicode)
    exec = object.exec
  }
}

/**
 * The second half of RegExp.prototype[Symbol.replace], for results of any making.
 *
 * @param {string} subject
 * @param {any[]} results
 * @param {string | Function} replace
 */
function replaceResults (subject, results, replace) {
  let replaced = ''
  let next = 0
  for (let index = 0; index < results.length; index++) {
    const result = results[index]
    const captures = MathMax(toLength(result.length) - 1, 0)
    const matched = stringOf(result[0])
    const position = MathMax(MathMin(toInteger(result.index), subject.length), 0)
    /** @type {(string | undefined)[]} */
    const groups = []
    for (let group = 1; group <= captures; group++) {
      const capture = result[group]
      append(groups, capture === undefined ? undefined : stringOf(capture))
    }
    let named = result.groups
    let replacement
    if (typeof replace === 'function') {
      /** @type {any[]} */
      const args = [matched]
      for (let group = 0; group < groups.length; group++) append(args, groups[group])
      append(args, position)
      append(args, subject)
      if (named !== undefined) append(args, named)
      replacement = stringOf(ReflectApply(replace, undefined, args))
    } else {
      if (named === null) throw new TypeError('Cannot convert null to object')
      if (named !== undefined) named = Object(named)
      replacement = substitute(matched, subject, position, groups, named, replace)
    }
    if (position < next) continue
    replaced += StringPrototypeSlice(subject, next, position) + replacement
    next = position + matched.length
  }
  return next >= subject.length ? replaced : replaced + StringPrototypeSlice(subject, next)
}

/** ToIntegerOrInfinity. @param {any} value */
function toInteger (value) {
  return MathTrunc(+value) || 0
}

/**
 * @param {any} splitter
 * @param {string} subject
 * @param {number} most
 * @param {boolean} unicode
 * @param {Function} builtinExec
 */
function splitStepwise (splitter, subject, most, unicode, builtinExec) {
  const exec = () => execute(splitter, subject, readExec(splitter, builtinExec))
  if (subject === '') return exec() === null ? [subject] : []
  /** @type {any[]} */
  const pieces = []
  let from = 0
  let at = 0
  while (at < subject.length) {
    splitter.lastIndex = at
    const result = exec()
    const end = result === null ? from : MathMin(toLength(splitter.lastIndex), subject.length)
    if (end === from) {
      at = advance(subject, at, unicode)
      continue
    }
    append(pieces, StringPrototypeSlice(subject, from, at))
    if (pieces.length === most) return pieces
    from = end
    const captures = MathMax(toLength(result.length) - 1, 0)
    for (let group = 1; group <= captures; group++) {
      append(pieces, result[group])
      if (pieces.length === most) return pieces
    }
    at = from
  }
  append(pieces, StringPrototypeSlice(subject, from))
  return pieces
}

module.exports = { protocols }
