'use strict'
// What a match looks like to JavaScript: RegExpBuiltinExec's array, and the text of a replacement.

/** @typedef {import('./regexp-program').Program} Program */

/**
 * The array of a match.
 *
 * @param {Program} program
 * @param {string} subject
 * @param {Int32Array} offsets
 * @param {number} at where the match's offsets begin
 * @returns {RegExpExecArray}
 */
function toArray (program, subject, offsets, at) {
  const { captures, names } = program
  /** @type {any} */
  const result = textsOf(captures, subject, offsets, at)
  const groups = names === undefined ? undefined : named(names, (group) => result[group])
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
  if (program.hasIndices) define(result, 'indices', indicesOf(program, offsets, at))
  return result
}

/**
 * The texts of a match's groups. As literals, which get the room that they need: an array that is pushed to is copied once, into room for 17.
 *
 * @param {number} captures
 * @param {string} subject
 * @param {Int32Array} offsets
 * @param {number} at
 * @returns {(string | undefined)[]}
 */
function textsOf (captures, subject, offsets, at) {
  const matched = subject.slice(offsets[at], offsets[at + 1])
  switch (captures) {
    case 1: return [matched]
    case 2: return [matched, textOf(subject, offsets, at + 2)]
    case 3: return [matched, textOf(subject, offsets, at + 2), textOf(subject, offsets, at + 4)]
    case 4: return [matched, textOf(subject, offsets, at + 2), textOf(subject, offsets, at + 4), textOf(subject, offsets, at + 6)]
  }
  /** @type {(string | undefined)[]} */
  const texts = [matched, textOf(subject, offsets, at + 2), textOf(subject, offsets, at + 4), textOf(subject, offsets, at + 6), textOf(subject, offsets, at + 8)]
  for (let group = 5; group < captures; group++) texts.push(textOf(subject, offsets, at + group * 2))
  return texts
}

/**
 * CreateDataProperty. An assignment, which is faster, unless somebody has a setter of that name where arrays inherit from.
 *
 * @param {any} target
 * @param {string} name
 * @param {unknown} value
 */
function define (target, name, value) {
  if (name in ArrayPrototype) Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true })
  else target[name] = value
}

const ArrayPrototype = Array.prototype

/**
 * @param {Program} program
 * @param {Int32Array} offsets
 * @param {number} at
 */
function indicesOf ({ captures, names }, offsets, at) {
  /** @type {any} */
  const indices = []
  for (let group = 0; group < captures; group++) {
    const begin = offsets[at + group * 2]
    indices.push(begin < 0 ? undefined : [begin, offsets[at + group * 2 + 1]])
  }
  define(indices, 'groups', names === undefined ? undefined : named(names, (group) => indices[group]))
  return indices
}

/**
 * @param {[string, number][]} names
 * @param {(group: number) => any} valueOf
 */
function named (names, valueOf) {
  const groups = Object.create(null)
  for (const [name, group] of names) {
    const value = valueOf(group)
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
  return offsets[at] < 0 ? undefined : subject.slice(offsets[at], offsets[at + 1])
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
  let dollar = template.indexOf('$')
  if (dollar === -1) return template
  let result = ''
  let from = 0
  for (; dollar !== -1; dollar = template.indexOf('$', from)) {
    result += template.slice(from, dollar)
    const reference = referenceAt(template, dollar, captures.length, groups !== undefined)
    from = dollar + reference.length
    switch (reference[1]) {
      case undefined: result += reference; break
      case '$': result += '$'; break
      case '&': result += matched; break
      case '`': result += subject.slice(0, position); break
      case "'": result += subject.slice(Math.min(position + matched.length, subject.length)); break
      case '<': {
        const value = groups[reference.slice(2, -1)]
        if (value !== undefined) result += String(stringOf(value))
        break
      }
      default: result += captures[Number(reference.slice(1)) - 1] ?? ''
    }
  }
  return result + template.slice(from)
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
    const close = template.indexOf('>', dollar + 2)
    return close === -1 ? '$' : template.slice(dollar, close + 1)
  }
  for (const digits of [2, 1]) {
    const text = template.slice(dollar + 1, dollar + 1 + digits)
    if (text.length < digits || [...text].some((digit) => digit < '0' || digit > '9')) continue
    const group = Number(text)
    if (group >= 1 && group <= captures) return `$${text}`
  }
  return '$'
}

module.exports = { toArray, substitute, stringOf }
