'use strict'
// What a pattern may cost: the constructor's third argument. The defaults are the binary's (crates/regexp/src/limits.rs).

const { checkOptions, readLimits } = require('./validate')

/** In the order in which the binary takes them. @type {import('./validate').Limits} */
const LIMITS = {
  patternLength: [1_000_000, 2 ** 29],
  nestingDepth: [1_000, 10_000],
  programSize: [250_000, 5_000_000],
  captures: [32_767, 32_767],
  lookaroundBytes: [256 * 2 ** 20, 2 ** 32],
  budgetBase: [1_000_000, Number.MAX_SAFE_INTEGER],
  budgetFactor: [4, 1_000_000, 0]
}

const DEFAULTS = readLimits({}, LIMITS)

/**
 * @param {any} options
 * @returns {number[] | undefined} all of them; undefined if all are the default
 */
function limitsOf (options) {
  checkOptions(options)
  const { limits } = options
  if (limits === undefined) return undefined
  const values = readLimits(limits, LIMITS)
  return values.every((value, index) => value === DEFAULTS[index]) ? undefined : values
}

module.exports = { limitsOf }
