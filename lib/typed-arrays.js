'use strict'
// Which typed array something is, whatever its prototype says.

/** The name that cannot be changed, and that subclasses have too. */
const typeName = /** @type {(data: any) => string} */ (Function.prototype.call.bind(
  /** @type {any} */ (Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)).get))

module.exports = { typeName }
