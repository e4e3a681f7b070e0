'use strict'
// What matchAll() returns: %RegExpStringIteratorPrototype% of ECMA-262. Where `exec` is ours, matches are found many at a time.

const { MathMin } = require('./primordials')
const { toArray, stringOf } = require('./regexp-result')
const { keepShape } = require('./shapes')
const { programIn, toLength, execute, readExec, advance } = require('./regexp-exec')

/** Matches that an iterator asks for first; then twice as many each time, so that a caller who stops early pays for few. */
const FIRST_CHUNK = 16
const LARGEST_CHUNK = 65536

const NONE = new Int32Array(0)
const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()))

class RegExpStringIterator {
  #matcher
  #subject
  #global
  #unicode
  #builtinExec
  #done = false
  /** @type {Int32Array} Matches that were found and not yet asked for. */
  #found = NONE
  #at = 0
  // What they were found with, and where the matcher stood after the last one that was given: somebody can have got hold of it.
  /** @type {import('./regexp-program').Program | undefined} */
  #program
  #lastIndex = -1
  #chunk = FIRST_CHUNK

  /**
   * @param {any} matcher
   * @param {string} subject
   * @param {boolean} global
   * @param {boolean} unicode
   * @param {Function} builtinExec
   */
  constructor (matcher, subject, global, unicode, builtinExec) {
    this.#matcher = matcher
    this.#subject = subject
    this.#global = global
    this.#unicode = unicode
    this.#builtinExec = builtinExec
  }

  next () {
    if (this.#done) return { value: undefined, done: true }
    // Ended unless the search says otherwise: an iterator that threw is over.
    this.#done = true
    const value = this.#search()
    if (value === null) return { value: undefined, done: true }
    this.#done = !this.#global
    return { value, done: false }
  }

  #search () {
    const matcher = this.#matcher
    const exec = readExec(matcher, this.#builtinExec)
    const program = this.#global && exec === this.#builtinExec ? programIn(matcher) : undefined
    if (program !== undefined && program.global && program.fullUnicode === this.#unicode) return this.#searchAhead(program)
    const result = execute(matcher, this.#subject, exec)
    if (result !== null && this.#global && stringOf(result[0]) === '') {
      matcher.lastIndex = advance(this.#subject, toLength(matcher.lastIndex), this.#unicode)
    }
    return result
  }

  /** @param {import('./regexp-program').Program} program */
  #searchAhead (program) {
    const matcher = this.#matcher
    if (this.#at === this.#found.length || program !== this.#program || matcher.lastIndex !== this.#lastIndex) {
      this.#program = program
      const start = toLength(matcher.lastIndex)
      this.#found = start > this.#subject.length ? NONE : program.searchAll(this.#subject, start, program.sticky, this.#chunk)
      this.#at = 0
      this.#chunk = MathMin(this.#chunk * 2, LARGEST_CHUNK)
    }
    const at = this.#at
    if (at === this.#found.length) {
      matcher.lastIndex = 0
      return null
    }
    const result = toArray(program, this.#subject, this.#found, at)
    const end = this.#found[at + 1]
    this.#lastIndex = this.#found[at] === end ? advance(this.#subject, end, this.#unicode) : end
    matcher.lastIndex = this.#lastIndex
    this.#at = at + program.captures * 2
    return result
  }
}

Object.setPrototypeOf(RegExpStringIterator.prototype, IteratorPrototype)
Object.defineProperty(RegExpStringIterator.prototype, Symbol.toStringTag, { value: 'RegExp String Iterator', configurable: true })
Reflect.deleteProperty(RegExpStringIterator.prototype, 'constructor')
keepShape(new RegExpStringIterator(undefined, '', true, true, () => {}))

module.exports = { RegExpStringIterator }
