'use strict'
// Filters given as data, as the bytes that src/ops/filter.rs reads. Fields are whatever the caller says: JSON Pointers, names of columns.

const { types } = require('node:util')
const { programIn } = require('./regexp-exec')
const { checkBoolean, checkOptions, checkString, invalidType, invalidValue, isArray, isRevoked, readEach } = require('./validate')

/** Positions as in src/ops/filter.rs. */
const TESTS = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'exists', 'prefix', 'suffix', 'contains', 'matches']
const IN = 6
const EXISTS = 7
const MATCHES = 11
const GROUPS = { and: 2, or: 3, not: 4 }
const END = 0
const CLOSE = 1
const TEST = 5

/** As in crates/kernels/src/filter. */
const MAX_DEPTH = 32

/** @typedef {import('./plan').Plan} Plan */
/** @typedef {[test: string, operand: any][]} Tests all of which must hold */
/** @typedef {(name: string, path: string, tests: Tests) => number} FieldOf the number of a field; throws for what is none */

/**
 * @param {Plan} plan
 * @param {any} where undefined: no filter
 * @param {FieldOf} fieldOf
 */
function writeWhere (plan, where, fieldOf) {
  plan.byte(where === undefined ? 0 : 1)
  if (where === undefined) return
  writeConditions(plan, where, 'where', fieldOf, 0)
  plan.byte(END)
}

/**
 * @param {Plan} plan
 * @param {any} where an object of fields and groups, all of which must match
 * @param {string} path
 * @param {FieldOf} fieldOf
 * @param {number} depth
 */
function writeConditions (plan, where, path, fieldOf, depth) {
  checkOptions(where, path)
  if (depth >= MAX_DEPTH) throw invalidValue(path, where, `must not be nested deeper than ${MAX_DEPTH}`)
  for (const [name, condition] of Object.entries(where)) {
    const at = `${path}.${name}`
    if (Object.hasOwn(GROUPS, name)) writeGroup(plan, /** @type {'and' | 'or' | 'not'} */ (name), condition, at, fieldOf, depth)
    else writeField(plan, fieldOf, name, condition, at)
  }
}

/**
 * @param {Plan} plan
 * @param {'and' | 'or' | 'not'} name
 * @param {any} parts
 * @param {string} path
 * @param {FieldOf} fieldOf
 * @param {number} depth
 */
function writeGroup (plan, name, parts, path, fieldOf, depth) {
  plan.byte(GROUPS[name])
  if (name === 'not') {
    writeConditions(plan, parts, path, fieldOf, depth + 1)
  } else {
    if (!isArray(parts)) throw invalidType(path, 'an instance of Array', parts)
    readEach(parts, path, (part, at) => {
      plan.byte(GROUPS.and)
      writeConditions(plan, part, at, fieldOf, depth + 2)
      plan.byte(CLOSE)
    })
  }
  plan.byte(CLOSE)
}

/**
 * @param {Plan} plan
 * @param {FieldOf} fieldOf
 * @param {string} name
 * @param {any} condition a value, a regular expression, or an object of tests
 * @param {string} path
 */
function writeField (plan, fieldOf, name, condition, path) {
  const isShort = condition === null || typeof condition !== 'object'
  const isPattern = !isShort && (programIn(condition) !== undefined || types.isRegExp(condition))
  const tests = isShort ? short('eq', condition) : isPattern ? short('matches', condition) : readTests(condition, path)
  const field = fieldOf(name, path, tests)
  for (const [name, operand] of tests) {
    const at = isShort || isPattern ? path : `${path}.${name}`
    const test = TESTS.indexOf(name)
    if (test === -1) throw invalidValue(at, operand, `must be one of the tests ${TESTS.join(', ')}`)
    plan.byte(TEST).number(field).byte(test)
    writeOperands(plan, test, operand, at)
  }
}

/**
 * @param {string} test
 * @param {any} operand
 * @returns {Tests}
 */
function short (test, operand) {
  return [[test, operand]]
}

/**
 * The tests of an object, each read once: a getter could answer differently the second time.
 *
 * @param {any} condition
 * @param {string} path
 * @returns {Tests}
 */
function readTests (condition, path) {
  const tests = isRevoked(condition) || isArray(condition) ? [] : Object.entries(condition)
  if (tests.length === 0) throw invalidType(path, `null, of type boolean, number or string, an instance of SafeRegExp, or an object with some of ${TESTS.join(', ')}`, condition)
  return tests.map(([name, operand]) => [name, isArray(operand) ? readEach(operand, `${path}.${name}`, readOperand) : operand])
}

/**
 * @param {any} operand
 * @param {string} path
 * @returns {null | boolean | number | string}
 */
function readOperand (operand, path) {
  if (operand !== null && !['boolean', 'number', 'string'].includes(typeof operand)) throw invalidType(path, 'null or of type boolean, number or string', operand)
  return operand
}

/**
 * @param {Plan} plan
 * @param {number} test
 * @param {any} operand
 * @param {string} path
 */
function writeOperands (plan, test, operand, path) {
  if (test < IN) return writeOperand(plan, operand, path)
  if (test === IN) {
    if (!isArray(operand)) throw invalidType(path, 'an instance of Array', operand)
    plan.number(operand.length)
    for (let index = 0; index < operand.length; index++) writeOperand(plan, operand[index], `${path}[${index}]`)
  } else if (test === EXISTS) {
    checkBoolean(operand, path)
    plan.byte(operand ? 1 : 0)
  } else if (test === MATCHES) {
    writeRegExp(plan, operand, path)
  } else {
    checkString(operand, path)
    plan.text(operand, path)
  }
}

/**
 * @param {Plan} plan
 * @param {any} regexp
 * @param {string} path
 */
function writeRegExp (plan, regexp, path) {
  const program = programIn(regexp)
  if (program === undefined) throw invalidType(path, 'an instance of SafeRegExp, which new SafeRegExp(regexp) makes of a RegExp', regexp)
  plan.regexp(program)
}

/**
 * @param {Plan} plan
 * @param {any} operand
 * @param {string} path
 */
function writeOperand (plan, operand, path) {
  const value = readOperand(operand, path)
  if (value === null) plan.byte(0)
  else if (typeof value === 'boolean') plan.byte(1).byte(value ? 1 : 0)
  else if (typeof value === 'number') plan.byte(2).number(value)
  else plan.byte(3).text(value, path)
}

module.exports = { writeWhere }
