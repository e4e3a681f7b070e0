'use strict'
// json.open: documented in index.d.ts.

const { fromNative, invalidState, TooLargeError } = require('./errors')
const { native, board } = require('./native')
const { Plan } = require('./plan')
const { BIGINTS, parse, readDepth } = require('./selection')
const { now, readText, start } = require('./text-task')
const { checkString, invalidType, oneOf } = require('./validate')

/** Positions as in src/ops/document.rs. */
const KINDS = [undefined, 'null', 'boolean', 'number', 'string', 'array', 'object']

/** The longest string of Node. */
const LONGEST = 2 ** 29 - 24

/** @type {import('./text-task').TextOperation} */
const OPEN = { operation: { name: 'json.open', submit: native.submitOpen }, now: native.openNow }

/** Frees what was never closed. */
const registry = new FinalizationRegistry((/** @type {number} */ handle) => native.dropDocument(handle))

class JsonDocument {
  /** -1 when closed. */
  #handle = native.newDocument()
  #byteLength = 0
  #bigint

  /** @param {number} bigint position in BIGINTS */
  constructor (bigint) {
    this.#bigint = bigint
    registry.register(this, this.#handle, this)
  }

  /**
   * The number of an empty document, and what to do when it is filled: lib/json.js alone has both.
   *
   * @param {number} bigint
   * @returns {{ document: JsonDocument, handle: number, finish: () => JsonDocument }}
   */
  static make (bigint) {
    const document = new JsonDocument(bigint)
    const finish = () => {
      document.#byteLength = native.adoptDocument(document.#handle)
      return document
    }
    return { document, handle: document.#handle, finish }
  }

  get byteLength () {
    return this.#byteLength
  }

  /** @param {any} pointer */
  get (pointer) {
    const text = this.#ask(native.documentValue, pointer, this.#bigint)
    return text === undefined ? undefined : parse(text, board[0] === 1)
  }

  /** @param {any} pointers */
  getMany (pointers) {
    const handle = this.#open()
    if (!Array.isArray(pointers)) throw invalidType('pointers', 'an instance of Array', pointers)
    const plan = new Plan().byte(this.#bigint).number(pointers.length)
    for (let index = 0; index < pointers.length; index++) {
      checkString(pointers[index], `pointers[${index}]`)
      plan.text(pointers[index], `pointers[${index}]`)
    }
    const [text, flags] = attempt(() => native.documentValues(handle, plan.bytes()))
    const values = parse(text, flags.endsWith('1'))
    for (let index = 0; index < values.length; index++) if (flags[index] === '0') values[index] = undefined
    return values
  }

  /** @param {any} pointer */
  length (pointer) {
    const length = this.#ask(native.documentLength, pointer)
    return length === -1 ? undefined : length
  }

  /** @param {any} pointer */
  type (pointer) {
    return KINDS[this.#ask(native.documentKind, pointer)]
  }

  close () {
    if (this.#handle === -1) return
    native.dropDocument(this.#handle)
    registry.unregister(this)
    this.#handle = -1
    this.#byteLength = 0
  }

  [Symbol.dispose] () {
    this.close()
  }

  #open () {
    if (this.#handle === -1) throw invalidState('The document is closed')
    return this.#handle
  }

  /**
   * @param {(handle: number, pointer: string, more?: number) => any} question
   * @param {any} pointer
   * @param {number} [more]
   * @returns {any}
   */
  #ask (question, pointer, more) {
    const handle = this.#open()
    checkString(pointer, 'pointer')
    return attempt(() => question(handle, pointer, more))
  }
}

/**
 * @template T
 * @param {() => T} call of the binary
 * @returns {T}
 */
function attempt (call) {
  try {
    return call()
  } catch (error) {
    const failure = /** @type {any} */ (error)
    if (failure.code === 'ERR_TOO_LARGE') throw new TooLargeError({ message: failure.message, limit: LONGEST, received: LONGEST + 1 })
    throw fromNative(failure)
  }
}

/**
 * @param {any} data
 * @param {any} options
 * @returns {import('./text-task').Prepared & { document: JsonDocument }}
 */
function prepare (data, options) {
  const input = readText(data)
  const maxDepth = readDepth(options)
  const bigint = oneOf(options?.bigint ?? 'number', 'options.bigint', BIGINTS)
  const { document, handle, finish } = JsonDocument.make(bigint)
  return { input, plan: new Plan().number(handle).number(maxDepth).bytes(), finish, document }
}

/**
 * @param {any} data
 * @param {any} options
 * @returns {Promise<JsonDocument>}
 */
function open (data, options) {
  const prepared = prepare(data, options)
  return start(OPEN, prepared, options).catch((error) => {
    prepared.document.close()
    throw error
  })
}

/**
 * @param {any} data
 * @param {any} options
 * @returns {JsonDocument}
 */
function openSync (data, options) {
  const prepared = prepare(data, options)
  try {
    return now(OPEN, prepared)
  } catch (error) {
    prepared.document.close()
    throw error
  }
}

module.exports = { open, openSync }
