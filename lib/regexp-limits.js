'use strict'
// What a pattern may cost: the constructor's third argument. The defaults are the binary's (crates/regexp/src/limits.rs).

const { checkInteger, checkOptions } = require('./validate')

/** Default and upper bound. In the order in which the binary takes them. */
const LIMITS = /** @type {const} */ ([
  ['patternLength', 1_000_000, 2 ** 29],
  ['nestingDepth', 1_000, 10_000],
  ['programSize', 250_000, 5_000_000],
  ['captures', 32_767, 32_767],
  ['lookaroundBytes', 256 * 2 ** 20, 2 ** 32],
  ['budgetBase', 1_000_000, Number.MAX_SAFE_INTEGER],
  ['budgetFactor', 4, 1_000_000]
])

/**
 * @param {any} options
 * @returns {number[] | undefined} all of them; undefined if all are the default
 */
function readLimits (options) {
  checkOptions(options)
  const { limits } = options
  if (limits === undefined) return undefined
  checkOptions(limits, 'options.limits')
  let isDefault = true
  const values = LIMITS.map(([name, value, most]) => {
    const limit = limits[name] ?? value
    checkInteger(limit, `options.limits.${name}`, name === 'budgetFactor' ? 0 : 1, most)
    isDefault &&= limit === value
    return limit
  })
  return isDefault ? undefined : values
}

module.exports = { readLimits }
