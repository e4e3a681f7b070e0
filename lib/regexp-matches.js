'use strict'
// What becomes of the offsets of a subject's matches: of all of them, found in one crossing.

const { MathMin, ReflectApply, StringPrototypeIncludes, StringPrototypeSlice } = require('./primordials')
const { textsOf: groupsOf, textOf, named, append, substitute, stringOf } = require('./regexp-result')

/** @typedef {import('./regexp-program').Program} Program */

/** Matches: no bound. */
const ALL = 0xFFFFFFFF

/**
 * What match() returns of a global search.
 *
 * @param {Program} program
 * @param {string} subject
 * @param {Int32Array} offsets
 * @returns {string[] | null}
 */
function textsOf (program, subject, offsets) {
  if (offsets.length === 0) return null
  /** @type {string[]} */
  const texts = []
  for (let at = 0; at < offsets.length; at += program.captures * 2) append(texts, StringPrototypeSlice(subject, offsets[at], offsets[at + 1]))
  return texts
}

/**
 * @param {Program} program
 * @param {string} subject
 * @param {Int32Array} offsets
 * @param {string | Function} replace
 */
function replaceMatches (program, subject, offsets, replace) {
  const isPlain = typeof replace === 'string' && !StringPrototypeIncludes(replace, '$')
  let result = ''
  let from = 0
  for (let at = 0; at < offsets.length; at += program.captures * 2) {
    result += StringPrototypeSlice(subject, from, offsets[at])
    if (typeof replace === 'string') result += isPlain ? replace : filledIn(replace, program, subject, offsets, at)
    else result += stringOf(called(replace, program, subject, offsets, at))
    from = offsets[at + 1]
  }
  return from === 0 && offsets.length === 0 ? subject : result + StringPrototypeSlice(subject, from)
}

/**
 * A text that has references to the groups of a match.
 *
 * @param {string} template
 * @param {Program} program
 * @param {string} subject
 * @param {Int32Array} offsets
 * @param {number} at
 */
function filledIn (template, { captures, names }, subject, offsets, at) {
  const texts = groupsOf(captures, subject, offsets, at)
  const groups = names === undefined ? undefined : named(names, texts)
  /** @type {(string | undefined)[]} */
  const others = []
  for (let group = 1; group < captures; group++) append(others, texts[group])
  return substitute(/** @type {string} */ (texts[0]), subject, offsets[at], others, groups, template)
}

/**
 * What a function makes of a match. Without an array of arguments where they are few.
 *
 * @param {Function} replace
 * @param {Program} program
 * @param {string} subject
 * @param {Int32Array} offsets
 * @param {number} at
 */
function called (replace, { captures, names }, subject, offsets, at) {
  const index = offsets[at]
  if (names === undefined) {
    const matched = StringPrototypeSlice(subject, index, offsets[at + 1])
    switch (captures) {
      case 1: return replace(matched, index, subject)
      case 2: return replace(matched, textOf(subject, offsets, at + 2), index, subject)
      case 3: return replace(matched, textOf(subject, offsets, at + 2), textOf(subject, offsets, at + 4), index, subject)
      case 4: return replace(matched, textOf(subject, offsets, at + 2), textOf(subject, offsets, at + 4), textOf(subject, offsets, at + 6), index, subject)
      case 5: return replace(matched, textOf(subject, offsets, at + 2), textOf(subject, offsets, at + 4), textOf(subject, offsets, at + 6), textOf(subject, offsets, at + 8), index, subject)
    }
  }
  /** @type {any[]} */
  const args = groupsOf(captures, subject, offsets, at)
  const groups = names === undefined ? undefined : named(names, args)
  append(args, index)
  append(args, subject)
  if (groups !== undefined) append(args, groups)
  return ReflectApply(replace, undefined, args)
}

/**
 * How many matches split() needs: one that is empty where the last one ended does not split, so there can be one of those for each that does.
 *
 * @param {number} most pieces
 * @returns {number}
 */
function mostMatches (most) {
  return MathMin(most * 2, ALL)
}

/**
 * @param {Program} program
 * @param {string} subject not empty
 * @param {Int32Array} offsets
 * @param {number} most
 */
function splitAtMatches (program, subject, offsets, most) {
  /** @type {(string | undefined)[]} */
  const pieces = []
  let from = 0
  for (let at = 0; at < offsets.length; at += program.captures * 2) {
    const end = offsets[at + 1]
    if (offsets[at] === subject.length) break
    if (end === from) continue
    append(pieces, StringPrototypeSlice(subject, from, offsets[at]))
    if (pieces.length === most) return pieces
    from = end
    for (let group = 2; group < program.captures * 2; group += 2) {
      append(pieces, textOf(subject, offsets, at + group))
      if (pieces.length === most) return pieces
    }
  }
  append(pieces, StringPrototypeSlice(subject, from))
  return pieces
}

module.exports = { ALL, textsOf, replaceMatches, mostMatches, splitAtMatches }
