'use strict'
// RegExp.escape and EscapeRegExpPattern of ECMA-262.

const { StringPrototypeCharCodeAt, StringPrototypeSlice } = require('./primordials')
const { invalidType } = require('./validate')
const { isPair } = require('./regexp-exec')

// By ASCII character; objects without a prototype, so that nobody adds to them.
const CONTROLS = { __proto__: null, '\t': 't', '\n': 'n', '\v': 'v', '\f': 'f', '\r': 'r' }
const SYNTAX = { __proto__: null, ...Object.fromEntries([...'^$\\.*+?()[]{}|/'].map((character) => [character, true])) }
const PUNCTUATORS = { __proto__: null, ...Object.fromEntries([...",-=<>#&!%:;@~'`\""].map((character) => [character, true])) }
/** WhiteSpace and LineTerminator beside CONTROLS. */
const SPACES = {
  __proto__: null, ...Object.fromEntries([...' \u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF'].map((character) => [character, true]))
}
const TERMINATORS = { __proto__: null, '\n': 'n', '\r': 'r', '\u2028': 'u2028', '\u2029': 'u2029' }

/** @typedef {Record<string, any>} Table */

/**
 * @param {any} text
 * @returns {string}
 */
function escape (text) {
  if (typeof text !== 'string') throw invalidType('text', 'of type string', text)
  let escaped = ''
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (isPair(text, index)) {
      escaped += character + text[++index]
    } else {
      escaped += index === 0 && isAlphanumeric(character) ? hexadecimal(character) : encode(character)
    }
  }
  return escaped
}

/** @param {string} character */
function isAlphanumeric (character) {
  return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')
}

/** @param {string} character no pair */
function encode (character) {
  if (character in SYNTAX) return `\\${character}`
  const control = /** @type {Table} */ (CONTROLS)[character]
  if (control !== undefined) return `\\${control}`
  const isSurrogate = character >= '\uD800' && character <= '\uDFFF'
  return character in PUNCTUATORS || character in SPACES || isSurrogate ? hexadecimal(character) : character
}

/** @param {string} character one code unit */
function hexadecimal (character) {
  const unit = StringPrototypeCharCodeAt(character, 0)
  return unit <= 0xFF ? `\\x${digit(unit >> 4)}${digit(unit)}` : `\\u${digit(unit >> 12)}${digit(unit >> 8)}${digit(unit >> 4)}${digit(unit)}`
}

/** @param {number} value of which the last four bits count */
function digit (value) {
  return '0123456789abcdef'[value & 15]
}

/**
 * The source as it could stand between slashes: `/` outside classes and line terminators are escaped.
 *
 * @param {string} source
 * @returns {string}
 */
function escapeSource (source) {
  if (source === '') return '(?:)'
  let escaped = ''
  /** What comes before it is in `escaped`. */
  let from = 0
  let inClass = false
  let afterBackslash = false
  for (let index = 0; index < source.length; index++) {
    const unit = source[index]
    const terminator = /** @type {Table} */ (TERMINATORS)[unit]
    if (terminator !== undefined || (unit === '/' && !inClass && !afterBackslash)) {
      escaped += `${StringPrototypeSlice(source, from, index)}${afterBackslash ? '' : '\\'}${terminator ?? unit}`
      from = index + 1
    }
    if (!afterBackslash && unit === '[') inClass = true
    if (!afterBackslash && unit === ']') inClass = false
    afterBackslash = !afterBackslash && unit === '\\'
  }
  return from === 0 ? source : escaped + StringPrototypeSlice(source, from)
}

module.exports = { escape, escapeSource }
