'use strict'
// Argument checks in Node's manner: thrown synchronously, naming the parameter, what was expected and what came.

const { inspect } = require('node:util')
const { assignOwn } = require('./errors')

/**
 * @param {string} name the parameter, as the caller knows it
 * @param {string} expected such as `of type number`
 * @param {unknown} actual
 * @returns {TypeError}
 */
function invalidType (name, expected, actual) {
  return assignOwn(new TypeError(`The ${described(name)} must be ${expected}. Received ${received(actual)}`), { code: 'ERR_INVALID_ARG_TYPE' })
}

/**
 * @param {string} name
 * @param {unknown} actual
 * @param {string} reason such as `must be one of 'hex', 'base64'`
 * @returns {TypeError}
 */
function invalidValue (name, actual, reason) {
  return assignOwn(new TypeError(`The ${described(name)} ${reason}. Received ${short(actual)}`), { code: 'ERR_INVALID_ARG_VALUE' })
}

/**
 * @param {string} name
 * @param {string} range such as `an integer from 1 to 65536`
 * @param {unknown} actual
 * @returns {RangeError}
 */
function outOfRange (name, range, actual) {
  return assignOwn(new RangeError(`The value of "${name}" is out of range. It must be ${range}. Received ${short(actual)}`), { code: 'ERR_OUT_OF_RANGE' })
}

/** @param {string} name */
function described (name) {
  return `"${name}" ${name.includes('.') ? 'property' : 'argument'}`
}

/** @param {unknown} value */
function received (value) {
  if (value === null || value === undefined) return String(value)
  if (typeof value !== 'object' && typeof value !== 'function') return `type ${typeof value} (${short(value)})`
  let name
  try {
    name = typeof value === 'function' ? value.name : value.constructor?.name
  } catch {} // A getter or Proxy that throws must not replace our message.
  if (typeof name !== 'string') return short(value)
  if (typeof value === 'function') return `function ${name}`
  return name === '' ? short(value) : `an instance of ${name}`
}

/** @param {unknown} value */
function short (value) {
  let text
  try {
    text = inspect(value, { depth: -1, breakLength: Infinity })
  } catch {
    text = 'an object that cannot be inspected'
  }
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/**
 * Array.isArray, which throws for a Proxy that was revoked.
 *
 * @param {unknown} value
 * @returns {value is any[]}
 */
function isArray (value) {
  try {
    return Array.isArray(value)
  } catch {
    return false
  }
}

/**
 * Whether it is a Proxy that was revoked: everything else that is asked of it throws.
 *
 * @param {unknown} value
 * @returns {boolean}
 */
function isRevoked (value) {
  try {
    Array.isArray(value)
    return false
  } catch {
    return true
  }
}

/**
 * The elements of an array, each read once and checked as it is read: an array may say that it has 2^32 - 1 elements and hold none, and to copy that first would end the process.
 *
 * @template T
 * @param {ArrayLike<any>} array
 * @param {string} name
 * @param {(element: any, name: string) => T} read throws for what is wrong
 * @returns {T[]}
 */
function readEach (array, name, read) {
  const elements = []
  for (let index = 0; index < array.length; index++) elements.push(read(array[index], `${name}[${index}]`))
  return elements
}

/**
 * @param {unknown} options
 * @param {string} name
 * @returns {asserts options is Record<string, any>}
 */
function checkOptions (options, name = 'options') {
  if (options === null || typeof options !== 'object' || isArray(options) || isRevoked(options)) throw invalidType(name, 'of type object', options)
}

/**
 * @param {unknown} value
 * @param {string} name
 * @param {readonly string[]} names
 * @returns {number} the position of `value` in `names`
 */
function oneOf (value, name, names) {
  if (typeof value !== 'string') throw invalidType(name, 'of type string', value)
  const index = names.indexOf(value)
  if (index === -1) throw invalidValue(name, value, `must be one of ${names.map((each) => `'${each}'`).join(', ')}`)
  return index
}

/**
 * @param {unknown} value
 * @param {string} name
 * @param {number} least
 * @param {number} most
 * @param {string} [unit]
 * @returns {asserts value is number}
 */
function checkInteger (value, name, least, most, unit = '') {
  if (typeof value !== 'number') throw invalidType(name, 'of type number', value)
  if (!Number.isInteger(value) || value < least || value > most) {
    const to = most === Number.MAX_SAFE_INTEGER && !(value > most) ? `of at least ${least}` : `from ${least} to ${most}`
    throw outOfRange(name, `an integer ${to}${unit}`, value)
  }
}

/** Default and bounds of each; without the lower one it is 1. @typedef {Record<string, readonly [value: number, most: number, least?: number]>} Limits */

/**
 * The limits of an operation, in the order of their table.
 *
 * @param {any} limits
 * @param {Limits} table
 * @returns {number[]}
 */
function readLimits (limits, table) {
  checkOptions(limits, 'options.limits')
  return Object.entries(table).map(([name, [value, most, least = 1]]) => {
    const limit = limits[name] ?? value
    checkInteger(limit, `options.limits.${name}`, least, most)
    return limit
  })
}

/** 2^31 - 1 ms, as in setTimeout: 24 days. */
const LONGEST_TIMEOUT = 2147483647

/**
 * @param {unknown} value milliseconds
 * @param {string} name
 * @returns {asserts value is number}
 */
function checkTimeout (value, name) {
  if (typeof value !== 'number') throw invalidType(name, 'of type number', value)
  if (!(value > 0 && value <= LONGEST_TIMEOUT)) throw outOfRange(name, `a number of milliseconds above 0 and up to ${LONGEST_TIMEOUT}`, value)
}

/**
 * Milliseconds of which 0 is at once and Infinity never.
 *
 * @param {unknown} value
 * @param {string} name
 * @returns {asserts value is number}
 */
function checkDelay (value, name) {
  if (typeof value !== 'number') throw invalidType(name, 'of type number', value)
  if (!(value >= 0 && (value <= LONGEST_TIMEOUT || value === Infinity))) throw outOfRange(name, `a number of milliseconds from 0 to ${LONGEST_TIMEOUT}, or Infinity`, value)
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {asserts value is boolean}
 */
function checkBoolean (value, name) {
  if (typeof value !== 'boolean') throw invalidType(name, 'of type boolean', value)
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {asserts value is string}
 */
function checkString (value, name) {
  if (typeof value !== 'string') throw invalidType(name, 'of type string', value)
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {string}
 */
function readString (value, name) {
  checkString(value, name)
  return value
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {asserts value is Function}
 */
function checkFunction (value, name) {
  if (typeof value !== 'function') throw invalidType(name, 'of type function', value)
}

/**
 * An AbortSignal, or what has its shape (a polyfill's): other objects would be ignored for ever.
 *
 * @param {unknown} value
 * @param {string} name
 * @returns {asserts value is AbortSignal}
 */
function checkSignal (value, name) {
  const signal = /** @type {any} */ (value)
  const fits = signal !== null && typeof signal === 'object' && typeof signal.aborted === 'boolean' &&
    typeof signal.addEventListener === 'function' && typeof signal.removeEventListener === 'function'
  if (!fits) throw invalidType(name, 'an instance of AbortSignal', value)
}

module.exports = {
  invalidType, invalidValue, outOfRange, isArray, isRevoked, readEach, readString,
  checkOptions, oneOf, checkInteger, readLimits, checkTimeout, checkDelay, checkBoolean, checkString, checkFunction, checkSignal
}
