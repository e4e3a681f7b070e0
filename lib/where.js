'use strict'
// Filters given as data, as the bytes that src/ops/filter.rs reads. Fields are whatever the caller says: JSON Pointers, names of columns.

const { types } = require('node:util')
const { programIn } = require('./regexp-exec')
const { checkBoolean, checkString, invalidType, invalidValue } = require('./validate')

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
/** @typedef {(name: string, path: string, condition: any) => number} FieldOf the number of a field; throws for what is none */

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
  if (where === null || typeof where !== 'object' || Array.isArray(where)) throw invalidType(path, 'of type object', where)
  if (depth >= MAX_DEPTH) throw invalidValue(path, where, `must not be nested deeper than ${MAX_DEPTH}`)
  for (const [name, condition] of Object.entries(where)) {
    const at = `${path}.${name}`
    if (Object.hasOwn(GROUPS, name)) writeGroup(plan, /** @type {'and' | 'or' | 'not'} */ (name), condition, at, fieldOf, depth)
    else writeField(plan, fieldOf(name, at, condition), condition, at)
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
    if (!Array.isArray(parts)) throw invalidType(path, 'an instance of Array', parts)
    parts.forEach((part, index) => {
      plan.byte(GROUPS.and)
      writeConditions(plan, part, `${path}[${index}]`, fieldOf, depth + 2)
      plan.byte(CLOSE)
    })
  }
  plan.byte(CLOSE)
}

/**
 * @param {Plan} plan
 * @param {number} field
 * @param {any} condition a value, or an object of tests
 * @param {string} path
 */
function writeField (plan, field, condition, path) {
  if (condition === null || typeof condition !== 'object') {
    plan.byte(TEST).number(field).byte(0)
    return writeOperand(plan, condition, path)
  }
  if (programIn(condition) !== undefined || types.isRegExp(condition)) {
    plan.byte(TEST).number(field).byte(MATCHES)
    return writeRegExp(plan, condition, path)
  }
  const tests = Object.entries(condition)
  if (Array.isArray(condition) || tests.length === 0) throw invalidType(path, `null, of type boolean, number or string, an instance of SafeRegExp, or an object with some of ${TESTS.join(', ')}`, condition)
  for (const [name, operand] of tests) {
    const test = TESTS.indexOf(name)
    if (test === -1) throw invalidValue(`${path}.${name}`, operand, `must be one of the tests ${TESTS.join(', ')}`)
    plan.byte(TEST).number(field).byte(test)
    writeOperands(plan, test, operand, `${path}.${name}`)
  }
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
    if (!Array.isArray(operand)) throw invalidType(path, 'an instance of Array', operand)
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
  if (operand === null) plan.byte(0)
  else if (typeof operand === 'boolean') plan.byte(1).byte(operand ? 1 : 0)
  else if (typeof operand === 'number') plan.byte(2).number(operand)
  else if (typeof operand === 'string') plan.byte(3).text(operand, path)
  else throw invalidType(path, 'null or of type boolean, number or string', operand)
}

module.exports = { writeWhere }
