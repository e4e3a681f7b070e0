'use strict'
// RegExp.escape and EscapeRegExpPattern of ECMA-262.

const { invalidType } = require('./validate')

const CONTROLS = new Map([['\t', 't'], ['\n', 'n'], ['\v', 'v'], ['\f', 'f'], ['\r', 'r']])
const SYNTAX = new Set('^$\\.*+?()[]{}|/')
const PUNCTUATORS = new Set(",-=<>#&!%:;@~'`\"")
/** WhiteSpace and LineTerminator beside CONTROLS. */
const SPACES = new Set(' \u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF')
const TERMINATORS = new Map([['\n', 'n'], ['\r', 'r'], ['\u2028', 'u2028'], ['\u2029', 'u2029']])

/**
 * @param {any} text
 * @returns {string}
 */
function escape (text) {
  if (typeof text !== 'string') throw invalidType('text', 'of type string', text)
  let escaped = ''
  for (const character of text) escaped += escaped === '' && isAlphanumeric(character) ? hexadecimal(character) : encode(character)
  return escaped
}

/** @param {string} character */
function isAlphanumeric (character) {
  return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')
}

/** @param {string} character */
function encode (character) {
  if (SYNTAX.has(character)) return `\\${character}`
  const control = CONTROLS.get(character)
  if (control !== undefined) return `\\${control}`
  const isLoneSurrogate = character.length === 1 && character >= '\uD800' && character <= '\uDFFF'
  return PUNCTUATORS.has(character) || SPACES.has(character) || isLoneSurrogate ? hexadecimal(character) : character
}

/** @param {string} character one code unit */
function hexadecimal (character) {
  const digits = character.charCodeAt(0).toString(16)
  return digits.length <= 2 ? `\\x${digits.padStart(2, '0')}` : `\\u${digits.padStart(4, '0')}`
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
  let inClass = false
  let afterBackslash = false
  for (const unit of source) {
    const terminator = TERMINATORS.get(unit)
    if (terminator !== undefined) escaped += afterBackslash ? terminator : `\\${terminator}`
    else escaped += unit === '/' && !inClass && !afterBackslash ? '\\/' : unit
    if (!afterBackslash && unit === '[') inClass = true
    if (!afterBackslash && unit === ']') inClass = false
    afterBackslash = !afterBackslash && unit === '\\'
  }
  return escaped
}

module.exports = { escape, escapeSource }
