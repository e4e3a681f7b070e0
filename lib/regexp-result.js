'use strict'
// What a match looks like to JavaScript: RegExpBuiltinExec's array, and the text of a replacement.

const { ArrayPrototype, MathMin, ObjectCreate, ObjectDefineProperty, StringPrototypeIndexOf, StringPrototypeSlice } = require('./primordials')
const { keepShape } = require('./shapes')

/** @typedef {import('./regexp-program').Program} Program */

/**
 * The array of a match.
 *
 * @param {Pick<Program, 'captures' | 'names' | 'hasIndices'>} program
 * @param {string} subject
 * @param {Int32Array} offsets
 * @param {number} at where the match's offsets begin
 * @returns {RegExpExecArray}
 */
function toArray (program, subject, offsets, at) {
  const { captures, names } = program
  /** @type {any} */
  const result = textsOf(captures, subject, offsets, at)
  const groups = names === undefined ? undefined : named(names, result)
  // As define() does, with names that the compiler knows: three times as fast, and this is most of what a match costs.
  if ('index' in ArrayPrototype || 'input' in ArrayPrototype || 'groups' in ArrayPrototype) {
    define(result, 'index', offsets[at])
    define(result, 'input', subject)
    define(result, 'groups', groups)
  } else {
    result.index = offsets[at]
    result.input = subject
    result.groups = groups
  }
  if (program.hasIndices) define(result, 'indices', indicesOf(captures, names, offsets, at))
  return result
}

/**
 * The texts of a match's groups. As literals, which get the room that they need: an array that is added to is copied once, into room for 17.
 *
 * @param {number} captures
 * @param {string} subject
 * @param {Int32Array} offsets
 * @param {number} at
 * @returns {(string | undefined)[]}
 */
function textsOf (captures, subject, offsets, at) {
  const matched = StringPrototypeSlice(subject, offsets[at], offsets[at + 1])
  switch (captures) {
    case 1: return [matched]
    case 2: return [matched, textOf(subject, offsets, at + 2)]
    case 3: return [matched, textOf(subject, offsets, at + 2), textOf(subject, offsets, at + 4)]
    case 4: return [matched, textOf(subject, offsets, at + 2), textOf(subject, offsets, at + 4), textOf(subject, offsets, at + 6)]
  }
  /** @type {(string | undefined)[]} */
  const texts = [matched, textOf(subject, offsets, at + 2), textOf(subject, offsets, at + 4), textOf(subject, offsets, at + 6), textOf(subject, offsets, at + 8)]
  for (let group = 5; group < captures; group++) append(texts, textOf(subject, offsets, at + group * 2))
  return texts
}

/**
 * CreateDataProperty. An assignment, which is faster, unless somebody has a setter of that name where arrays inherit from.
 *
 * @param {any} target
 * @param {string | number} name
 * @param {unknown} value
 */
function define (target, name, value) {
  if (name in ArrayPrototype) ObjectDefineProperty(target, name, /** @type {any} */ ({ __proto__: null, value, writable: true, enumerable: true, configurable: true }))
  else target[name] = value
}

/**
 * Adds an element, whatever Array.prototype has become. Not slower than push().
 *
 * @template T
 * @param {T[]} list
 * @param {T} value
 */
function append (list, value) {
  define(list, list.length, value)
}

/**
 * @param {number} captures
 * @param {[string, number][] | undefined} names
 * @param {Int32Array} offsets
 * @param {number} at
 */
function indicesOf (captures, names, offsets, at) {
  /** @type {any} */
  const indices = []
  for (let group = 0; group < captures; group++) {
    const begin = offsets[at + group * 2]
    append(indices, begin < 0 ? undefined : [begin, offsets[at + group * 2 + 1]])
  }
  define(indices, 'groups', names === undefined ? undefined : named(names, indices))
  return indices
}

/**
 * @param {[string, number][]} names
 * @param {any[]} values by group
 */
function named (names, values) {
  const groups = ObjectCreate(null)
  for (let index = 0; index < names.length; index++) {
    const name = names[index][0]
    const value = values[names[index][1]]
    // Of groups with the same name at most one takes part.
    if (value !== undefined || !(name in groups)) groups[name] = value
  }
  return groups
}

/**
 * @param {string} subject
 * @param {Int32Array} offsets
 * @param {number} at
 * @returns {string | undefined} undefined for a group that took no part
 */
function textOf (subject, offsets, at) {
  return offsets[at] < 0 ? undefined : StringPrototypeSlice(subject, offsets[at], offsets[at + 1])
}

/**
 * GetSubstitution of ECMA-262.
 *
 * @param {string} matched
 * @param {string} subject
 * @param {number} position
 * @param {(string | undefined)[]} captures without the whole match
 * @param {any} groups an object, or undefined
 * @param {string} template
 * @returns {string}
 */
function substitute (matched, subject, position, captures, groups, template) {
  let dollar = StringPrototypeIndexOf(template, '$')
  if (dollar === -1) return template
  let result = ''
  let from = 0
  for (; dollar !== -1; dollar = StringPrototypeIndexOf(template, '$', from)) {
    result += StringPrototypeSlice(template, from, dollar)
    const reference = referenceAt(template, dollar, captures.length, groups !== undefined)
    from = dollar + reference.length
    switch (reference[1]) {
      case undefined: result += reference; break
      case '$': result += '$'; break
      case '&': result += matched; break
      case '`': result += StringPrototypeSlice(subject, 0, position); break
      case "'": result += StringPrototypeSlice(subject, MathMin(position + matched.length, subject.length)); break
      case '<': {
        const value = groups[StringPrototypeSlice(reference, 2, -1)]
        if (value !== undefined) result += stringOf(value)
        break
      }
      default: result += captures[+StringPrototypeSlice(reference, 1) - 1] ?? ''
    }
  }
  return result + StringPrototypeSlice(template, from)
}

/** ToString, which refuses a symbol, where String() does not. @param {any} value */
function stringOf (value) {
  return `${value}`
}

/**
 * @param {string} template
 * @param {number} dollar
 * @param {number} captures
 * @param {boolean} hasGroups
 * @returns {string} the reference that begins there; `$` alone when none does
 */
function referenceAt (template, dollar, captures, hasGroups) {
  const next = template[dollar + 1]
  if (next === '$' || next === '&' || next === '`' || next === "'") return `$${next}`
  if (next === '<' && hasGroups) {
    const close = StringPrototypeIndexOf(template, '>', dollar + 2)
    return close === -1 ? '$' : StringPrototypeSlice(template, dollar, close + 1)
  }
  for (let digits = 2; digits > 0; digits--) {
    const group = numberAt(template, dollar + 1, digits)
    if (group >= 1 && group <= captures) return StringPrototypeSlice(template, dollar, dollar + 1 + digits)
  }
  return '$'
}

/**
 * @param {string} text
 * @param {number} at
 * @param {number} digits
 * @returns {number} NaN if there are not so many
 */
function numberAt (text, at, digits) {
  let number = 0
  for (let index = at; index < at + digits; index++) {
    const digit = text[index]
    if (digit === undefined || digit < '0' || digit > '9') return NaN
    number = number * 10 + +digit
  }
  return number
}

for (const names of [undefined, /** @type {[string, number][]} */ ([['name', 0]])]) {
  keepShape(toArray({ captures: 1, names, hasIndices: true }, '', new Int32Array(2), 0))
}

module.exports = { toArray, textsOf, textOf, named, append, substitute, stringOf }
