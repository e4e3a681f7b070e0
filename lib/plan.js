'use strict'
// What an operation is to do, as the bytes that src/ops/plan.rs reads.

const { invalidValue } = require('./validate')

class Plan {
  constructor () {
    /** @type {Uint8Array[]} */
    this.parts = []
    /** @type {import('./regexp-program').Program[]} which must live until the binary has read the plan: it knows them by number */
    this.regexps = []
  }

  /** @param {number} value 0 to 255 */
  byte (value) {
    this.parts.push(Uint8Array.of(value))
    return this
  }

  /** @param {number} value */
  number (value) {
    const part = Buffer.alloc(8)
    part.writeDoubleLE(value)
    this.parts.push(part)
    return this
  }

  /**
   * @param {string} value
   * @param {string} name the parameter it comes from
   */
  text (value, name) {
    // Its UTF-8 would be another string's.
    if (!(/** @type {any} */ (value).isWellFormed())) throw invalidValue(name, value, 'must not have lone surrogates')
    const part = Buffer.from(value)
    this.number(part.length)
    this.parts.push(part)
    return this
  }

  /** @param {import('./regexp-program').Program} program */
  regexp (program) {
    this.regexps.push(program)
    return this.number(program.handle).byte(program.sticky ? 1 : 0)
  }

  /** @param {Plan} plan */
  append (plan) {
    this.parts.push(...plan.parts)
    this.regexps.push(...plan.regexps)
    return this
  }

  /** @returns {Uint8Array} */
  bytes () {
    return Buffer.concat(this.parts)
  }
}

module.exports = { Plan }
