'use strict'
// The slot that makes an object a SafeRegExp, and RegExpExec, which everything but exec() itself goes through.

const { MathMin, MathTrunc, ReflectApply, StringPrototypeCharCodeAt, StringPrototypeIncludes } = require('./primordials')

/** Of Number. */
const MAX_SAFE_INTEGER = 2 ** 53 - 1

/** Returns what it is given, so that a derived class installs its private fields there. */
class Identity {
  /** @param {object} object */
  constructor (object) {
    // eslint-disable-next-line no-constructor-return
    return object
  }
}

class Slot extends Identity {
  /** @type {import('./regexp-program').Program | undefined} */
  #program

  // As it stands: the one that a class has without it goes through Array's iterator on Node 20.
  /** @param {object} object */
  // eslint-disable-next-line no-useless-constructor
  constructor (object) {
    super(object)
  }

  /** @param {any} value */
  static get (value) {
    return value !== null && typeof value === 'object' && #program in value ? value.#program : undefined
  }

  /** @param {any} object @param {import('./regexp-program').Program} program */
  static set (object, program) {
    const slot = #program in object ? object : new Slot(object)
    slot.#program = program
  }
}

/**
 * @param {any} value
 * @param {string} member
 * @returns {import('./regexp-program').Program}
 */
function requireProgram (value, member) {
  const program = Slot.get(value)
  if (program === undefined) throw new TypeError(`SafeRegExp.prototype.${member} called on a value that is not a SafeRegExp`)
  return program
}

/** ToLength. @param {any} value */
function toLength (value) {
  if (typeof value === 'number' && value === (value & 0x7FFFFFFF)) return value
  // Not Number(), which takes a BigInt.
  const integer = MathTrunc(+value)
  return integer > 0 ? MathMin(integer, MAX_SAFE_INTEGER) : 0
}

/**
 * RegExpExec.
 *
 * @param {any} object
 * @param {string} subject
 * @param {any} exec what its `exec` is: read by the caller, once
 * @returns {any}
 */
function execute (object, subject, exec) {
  if (typeof exec !== 'function') throw new TypeError('The receiver has no exec() and is not a SafeRegExp')
  const result = ReflectApply(exec, object, [subject])
  if (result !== null && typeof result !== 'object' && typeof result !== 'function') throw new TypeError('The result of exec() must be an object or null')
  return result
}

/** What stands in for an `exec` that is no function: only a SafeRegExp has one. @param {any} object @param {Function} builtinExec */
function fallback (object, builtinExec) {
  return Slot.get(object) === undefined ? undefined : builtinExec
}

/** @param {any} object @param {Function} builtinExec */
function readExec (object, builtinExec) {
  const exec = object.exec
  return typeof exec === 'function' ? exec : fallback(object, builtinExec)
}

/** Whether a pair of surrogates begins there. @param {string} text @param {number} index */
function isPair (text, index) {
  // Behind the end there is no code unit: NaN.
  return (StringPrototypeCharCodeAt(text, index) & 0xFC00) === 0xD800 && (StringPrototypeCharCodeAt(text, index + 1) & 0xFC00) === 0xDC00
}

/** AdvanceStringIndex. @param {string} subject @param {number} index @param {boolean} unicode */
function advance (subject, index, unicode) {
  return index + (unicode && isPair(subject, index) ? 2 : 1)
}

/** @param {string} flags */
function isUnicode (flags) {
  return StringPrototypeIncludes(flags, 'u') || StringPrototypeIncludes(flags, 'v')
}

module.exports = { programIn: Slot.get, requireProgram, setProgram: Slot.set, toLength, execute, readExec, fallback, isPair, advance, isUnicode }
