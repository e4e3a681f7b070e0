'use strict'
// One table of every error that Sidelane makes: code, class, HTTP status, whether another try can help.

const { getSystemErrorMap } = require('node:util')

/** @typedef {{ code: string, message: string } & Record<string, any>} NativeFailure What the binary reports: data, from which the exception is made here. */

/** What all classes share. `code`, `statusCode` and `retryable` are own properties, so that loggers show them. */
class SidelaneError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {Record<string, any>} properties
   */
  constructor (code, message, properties) {
    super(message)
    assignOwn(this, { code, ...properties })
  }
}

/**
 * Object.assign, but for setters of Object.prototype, which would take the values.
 *
 * @template {Error} E
 * @param {E} error
 * @param {Record<string, unknown>} properties
 * @returns {E}
 */
function assignOwn (error, properties) {
  for (const name of Object.keys(properties)) {
    Object.defineProperty(error, name, /** @type {any} */ ({ __proto__: null, value: properties[name], writable: true, enumerable: true, configurable: true }))
  }
  return error
}

class LaneFullError extends SidelaneError {
  /**
   * @param {{ lane: string, retryAfterMs: number, message?: string }} details
   */
  constructor ({ lane, retryAfterMs, message }) {
    // At least 1: a client that comes back at once makes an overload worse.
    const after = Math.max(1, Math.ceil(retryAfterMs))
    super('ERR_LANE_FULL', message ?? `Lane "${lane}" is full. Try again in about ${after} ms`, { statusCode: 503, retryable: true, retryAfterMs: after, lane })
  }
}

class LaneClosedError extends SidelaneError {
  /** @param {{ lane: string, cancelled?: boolean }} details */
  constructor ({ lane, cancelled = false }) {
    super('ERR_LANE_CLOSED', cancelled ? `The task was cancelled: lane "${lane}" was closed` : `Lane "${lane}" is closed`, { statusCode: 503, retryable: false, lane })
  }
}

class TaskTimeoutError extends SidelaneError {
  /** @param {{ lane: string, timeout: number, expectedWaitMs?: number }} details */
  constructor ({ lane, timeout, expectedWaitMs }) {
    const message = expectedWaitMs === undefined
      ? `The task did not end within its timeout of ${timeout} ms`
      : `The task could not end within its timeout of ${timeout} ms: it would have waited about ${Math.ceil(expectedWaitMs)} ms in lane "${lane}"`
    super('ERR_TASK_TIMEOUT', message, { statusCode: 504, retryable: true, lane, timeout })
  }
}

class TooLargeError extends SidelaneError {
  /** @param {{ message: string, limit: number, received: number }} details */
  constructor ({ message, limit, received }) {
    super('ERR_TOO_LARGE', message, { statusCode: 413, retryable: false, limit, received })
  }
}

class FileError extends SidelaneError {
  /** @param {{ code: string, message: string, path: string }} details */
  constructor ({ code, message, path }) {
    const changed = code === 'ERR_FILE_CHANGED'
    super(code, message, { statusCode: changed ? 409 : 400, retryable: changed, path })
  }
}

/** A SyntaxError, as JSON.parse throws it: `instanceof` must hold for both. */
class JsonSyntaxError extends SyntaxError {
  /** @param {{ message: string, offset: number, line: number, column: number, excerpt: string }} details */
  constructor ({ message, offset, line, column, excerpt }) {
    super(message)
    assignOwn(this, { code: 'ERR_JSON_SYNTAX', statusCode: 400, retryable: false, offset, line, column, excerpt })
  }
}

class CompressDataError extends SidelaneError {
  /** @param {{ message: string, offset: number }} details */
  constructor ({ message, offset }) {
    super('ERR_COMPRESS_DATA', message, { statusCode: 400, retryable: false, offset })
  }
}

class UnsupportedError extends SidelaneError {
  /** @param {{ message: string }} details */
  constructor ({ message }) {
    super('ERR_UNSUPPORTED', message, { statusCode: 501, retryable: false })
  }
}

class ArrowDataError extends SidelaneError {
  /** @param {{ message: string }} details */
  constructor ({ message }) {
    super('ERR_ARROW_DATA', message, { statusCode: 400, retryable: false })
  }
}

/** A SyntaxError too. */
class CsvSyntaxError extends SyntaxError {
  /** @param {{ message: string, row: number, column: number, offset: number }} details */
  constructor ({ message, row, column, offset }) {
    super(message)
    assignOwn(this, { code: 'ERR_CSV_SYNTAX', statusCode: 400, retryable: false, row, column, offset })
  }
}

class RegExpBudgetError extends SidelaneError {
  /** @param {{ message: string }} details */
  constructor ({ message }) {
    super('ERR_REGEXP_BUDGET', message, { statusCode: 422, retryable: false })
  }
}

class InternalError extends SidelaneError {
  /** @param {{ message: string, operation: string }} details */
  constructor ({ message, operation }) {
    super('ERR_INTERNAL', message, { statusCode: 500, retryable: false, operation })
  }
}

for (const Class of [LaneFullError, LaneClosedError, TaskTimeoutError, TooLargeError, FileError, JsonSyntaxError, CsvSyntaxError, ArrowDataError, CompressDataError, UnsupportedError, RegExpBudgetError, InternalError]) {
  // On the prototype, as with the built-in errors.
  Object.defineProperty(Class.prototype, 'name', { value: Class.name, configurable: true, writable: true })
}

/** @type {Record<string, (failure: NativeFailure) => Error>} */
const CLASSES = {
  ERR_TOO_LARGE: (failure) => new TooLargeError(/** @type {any} */ (failure)),
  ERR_FILE_NOT_REGULAR: (failure) => new FileError(/** @type {any} */ (failure)),
  ERR_FILE_CHANGED: (failure) => new FileError(/** @type {any} */ (failure)),
  ERR_JSON_SYNTAX: (failure) => new JsonSyntaxError(/** @type {any} */ (failure)),
  ERR_REGEXP_BUDGET: (failure) => new RegExpBudgetError(/** @type {any} */ (failure)),
  ERR_COMPRESS_DATA: (failure) => new CompressDataError(/** @type {any} */ (failure)),
  ERR_ARROW_DATA: (failure) => new ArrowDataError(/** @type {any} */ (failure)),
  ERR_CSV_SYNTAX: (failure) => new CsvSyntaxError(/** @type {any} */ (failure)),
  ERR_INTERNAL: (failure) => new InternalError(/** @type {any} */ (failure)),
  ERR_INVALID_ARG_VALUE: (failure) => assignOwn(new TypeError(failure.message), { code: failure.code }),
  ERR_OUT_OF_RANGE: (failure) => assignOwn(new RangeError(failure.message), { code: failure.code })
}

/**
 * The exception for what the binary reported. What is not in the table is a system error (`ENOENT`, ...).
 *
 * @param {NativeFailure} failure
 * @returns {Error}
 */
function fromNative (failure) {
  const make = CLASSES[failure.code] ?? systemError
  return make(failure)
}

/**
 * Whether the binary has answered with a failure instead of a result.
 *
 * @param {any} value
 * @returns {value is NativeFailure}
 */
function isFailure (value) {
  // Its own: Object.prototype may have a `code`.
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'code')
}

/**
 * What `fs` would make of it: the same message and properties.
 *
 * @param {NativeFailure} failure `errno` as libuv counts
 * @returns {Error}
 */
function systemError ({ errno, syscall, path, message }) {
  const [code, text] = getSystemErrorMap().get(errno) ?? ['UNKNOWN', message]
  return assignOwn(new Error(`${code}: ${text}, ${syscall} '${path}'`), { errno, code, syscall, path })
}

/**
 * For a call in a state that does not allow it.
 *
 * @param {string} message
 * @returns {Error}
 */
function invalidState (message) {
  return assignOwn(new Error(message), { code: 'ERR_INVALID_STATE' })
}

module.exports = { LaneFullError, LaneClosedError, TaskTimeoutError, TooLargeError, FileError, JsonSyntaxError, CsvSyntaxError, ArrowDataError, CompressDataError, UnsupportedError, RegExpBudgetError, InternalError, fromNative, isFailure, invalidState, assignOwn }
