'use strict'
// test() of short subjects without a crossing, which alone costs four times what V8 takes for an e-mail address: a small pattern's automaton is a table, and walked here.

const { native } = require('./native')
const { StringPrototypeCharCodeAt } = require('./primordials')

/** @typedef {import('./regexp-program').Program} Program */

/** Code units of a subject up to which the walk, 2.3 ns each, is not slower than a crossing and the engine, which reads faster. */
const LONGEST = 64
/** Calls until the table is made, which takes 13 to 60 us, some hundred crossings. */
const CALLS = 128

// Cells of a table before its rows, and what a cell has in place of a state (crates/regexp/src/table.rs). The cell of a code unit's number has its class.
const ABOVE = 256
const START = 257
const BACKWARD = 258
const MATCH = 1
const UNKNOWN = 2

/**
 * Whether a program without g and y matches a subject; undefined: the engine must be asked.
 *
 * @param {Program} program
 * @param {string} subject
 * @returns {boolean | undefined}
 */
function answerByTable (program, subject) {
  if (subject.length > LONGEST) return undefined
  let { table } = program
  if (table === undefined) {
    if (++program.tests < CALLS) return undefined
    table = makeTable(program)
  }
  if (table === null) return undefined
  const answer = table[BACKWARD] === 1 ? walkBackward(table, subject) : walk(table, subject)
  return answer === UNKNOWN ? undefined : answer === MATCH
}

/**
 * @param {Uint16Array} table
 * @param {string} subject
 */
function walk (table, subject) {
  let state = table[START]
  for (let at = 0; at < subject.length; at++) {
    const unit = StringPrototypeCharCodeAt(subject, at)
    state = table[state + table[unit < ABOVE ? unit : ABOVE]]
    if (state <= UNKNOWN) return state
  }
  return table[state]
}

/**
 * With lookaheads: what lies ahead is known then.
 *
 * @param {Uint16Array} table
 * @param {string} subject
 */
function walkBackward (table, subject) {
  let state = table[START]
  for (let at = subject.length - 1; at >= 0; at--) {
    const unit = StringPrototypeCharCodeAt(subject, at)
    state = table[state + table[unit < ABOVE ? unit : ABOVE]]
    if (state <= UNKNOWN) return state
  }
  return table[state]
}

/** @param {Program} program */
function makeTable (program) {
  const cells = native.tableOfRegExp(program.handle)
  program.table = cells.length === 0 ? null : new Uint16Array(cells)
  return program.table
}

/**
 * What explain() says of it.
 *
 * @param {Program} program
 */
function describeTable (program) {
  const table = program.table === undefined ? makeTable(program) : program.table
  return table === null ? undefined : { bytes: table.byteLength, mostUnits: LONGEST }
}

module.exports = { answerByTable, describeTable }
