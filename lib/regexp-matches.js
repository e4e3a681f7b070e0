'use strict'
// What becomes of the offsets of a subject's matches: of all of them, found in one crossing.

const { toArray, substitute, stringOf } = require('./regexp-result')

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
  const texts = []
  for (let at = 0; at < offsets.length; at += program.captures * 2) texts.push(subject.slice(offsets[at], offsets[at + 1]))
  return texts
}

/**
 * @param {Program} program
 * @param {string} subject
 * @param {Int32Array} offsets
 * @param {string | Function} replace
 */
function replaceMatches (program, subject, offsets, replace) {
  const isPlain = typeof replace === 'string' && !replace.includes('$')
  let result = ''
  let from = 0
  for (let at = 0; at < offsets.length; at += program.captures * 2) {
    result += subject.slice(from, offsets[at])
    result += isPlain ? replace : replacementOf(subject, toArray(program, subject, offsets, at), replace)
    from = offsets[at + 1]
  }
  return from === 0 && offsets.length === 0 ? subject : result + subject.slice(from)
}

/**
 * @param {string} subject
 * @param {any} result of exec(), of our making
 * @param {string | Function} replace
 */
function replacementOf (subject, result, replace) {
  const { index, groups } = result
  if (typeof replace === 'string') return substitute(result[0], subject, index, result.slice(1), groups, replace)
  const args = groups === undefined ? [...result, index, subject] : [...result, index, subject, groups]
  return stringOf(Reflect.apply(replace, undefined, args))
}

/**
 * How many matches split() needs: one that is empty where the last one ended does not split, so there can be one of those for each that does.
 *
 * @param {number} most pieces
 * @returns {number}
 */
function mostMatches (most) {
  return Math.min(most * 2, ALL)
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
    pieces.push(subject.slice(from, offsets[at]))
    if (pieces.length === most) return pieces
    from = end
    for (let group = 2; group < program.captures * 2; group += 2) {
      pieces.push(offsets[at + group] < 0 ? undefined : subject.slice(offsets[at + group], offsets[at + group + 1]))
      if (pieces.length === most) return pieces
    }
  }
  pieces.push(subject.slice(from))
  return pieces
}

module.exports = { ALL, textsOf, replaceMatches, mostMatches, splitAtMatches }
