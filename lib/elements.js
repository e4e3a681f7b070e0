'use strict'
// What kind of numbers a typed array has.

const { types } = require('node:util')

/** Element types, in the order of Node-API's numbers for them. */
const ELEMENTS = ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array']

/** The name that cannot be changed, and that subclasses have too. */
const typeName = /** @type {(data: any) => string} */ (Function.prototype.call.bind(
  /** @type {any} */ (Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)).get))

/**
 * @param {any} data
 * @returns {number} a position in ELEMENTS; -1 for what is no typed array, or one of another type
 */
function elementOf (data) {
  return types.isTypedArray(data) ? ELEMENTS.indexOf(typeName(data)) : -1
}

module.exports = { ELEMENTS, elementOf }
