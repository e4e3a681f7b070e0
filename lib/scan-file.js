'use strict'
// scanFile: documented in index.d.ts. The file goes by in windows that overlap, searched and decoded on a lane; only matches become strings.

const fs = require('node:fs/promises')
const { constants } = require('node:fs')
const { setImmediate: turn } = require('node:timers/promises')
const { native } = require('./native')
const { FileError, TooLargeError } = require('./errors')
const { MathMax } = require('./primordials')
const { append, named } = require('./regexp-result')
const { readTaskOptions } = require('./options')
const { run } = require('./task')
const { checkInteger, invalidType, invalidValue, oneOf } = require('./validate')
const { programIn } = require('./regexp-exec')
const { SafeRegExpSet, programsOf } = require('./regexp-set')

/** @type {import('./task').Operation} */
const SCAN = { name: 'scanFile', submit: native.submitScan }

/** @type {BufferEncoding[]} */
const ENCODINGS = ['utf8', 'latin1']
const UTF8 = 0

/** Bytes that a window has beside what it shares with its neighbours. */
const STEP = 1 << 20
/** Matches between two turns of the event loop: a millisecond or less. */
const TURN = 1024
/** So that a pipe without a writer is opened at once, and refused. Windows has no such thing. */
const OPEN = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)
const DEFAULT_MATCH = 1 << 16
const GREATEST_MATCH = 1 << 26

/** @typedef {import('./regexp-program').Program} Program */

/**
 * @typedef {object} Settings
 * @property {any} path
 * @property {any} kept what keeps the patterns alive
 * @property {number} set
 * @property {Program[]} programs
 * @property {boolean} many whether a match tells its pattern
 * @property {number} encoding
 * @property {number} most bytes of a match
 * @property {import('./options').TaskSettings} task
 */

/**
 * @param {any} path
 * @param {any} patterns
 * @param {any} [options]
 * @returns {AsyncGenerator<any, void, undefined>}
 */
function scanFile (path, patterns, options) {
  if (typeof path !== 'string' && !(path instanceof Uint8Array) && !(path instanceof URL)) throw invalidType('path', 'of type string or an instance of Buffer or URL', path)
  const many = patterns instanceof SafeRegExpSet
  if (!many && programIn(patterns) === undefined) throw invalidType('patterns', 'an instance of SafeRegExp or SafeRegExpSet', patterns)
  const kept = many ? patterns : new SafeRegExpSet([patterns])
  const { handle, programs } = programsOf(kept)
  for (let index = 0; index < programs.length; index++) {
    if (programs[index].sticky) throw invalidValue('patterns', patterns, 'must not have the flag y')
  }
  const task = { ...readTaskOptions(options), transfer: false, patient: true }
  const { encoding = 'utf8', maxMatchLength: most = DEFAULT_MATCH } = options ?? {}
  checkInteger(most, 'options.maxMatchLength', 1, GREATEST_MATCH, ' (bytes)')
  return scan({ path, kept, set: handle, programs, many, encoding: oneOf(encoding, 'options.encoding', ENCODINGS), most, task })
}

/** @param {Settings} settings */
async function * scan (settings) {
  const { path, set, programs, encoding, most, task } = settings
  const file = await fs.open(path, OPEN)
  try {
    await requireRegular(file, path)
    const buffer = Buffer.allocUnsafeSlow(STEP + 3 * most + 8)
    /** Where the window begins in the file, and how many bytes it has. */
    let base = 0
    let length = 0
    let atEnd = false
    /** From where on each pattern is searched, in the window. */
    const from = new Uint32Array(programs.length)
    while (!atEnd) {
      task.signal?.throwIfAborted()
      while (!atEnd && length < buffer.length) {
        const { bytesRead } = await file.read(buffer, length, buffer.length - length, base + length)
        atEnd = bytesRead === 0
        length += bytesRead
      }
      const whole = atEnd || encoding !== UTF8 ? length : boundaryBefore(buffer, length)
      // A match that begins later could need more than the window has.
      const until = atEnd ? whole + 1 : boundaryBefore(buffer, whole - most, encoding)
      const found = await run(SCAN, task, buffer.subarray(0, whole), true, undefined, set, encoding === UTF8, from, until)
      let count = 0
      for (let at = 0; at < found.length;) {
        const match = matchAt(settings, buffer, base, found, at, from)
        at += 1 + programs[found[at]].captures * 2
        yield match
        // Else a window full of matches would keep the event loop for as long as they take.
        if (++count % TURN === 0) await turn()
        task.signal?.throwIfAborted()
      }
      if (atEnd) return
      // What lookbehinds may see stays, and a byte more, so that no place where a search goes on looks like the file's beginning.
      const kept = boundaryBefore(buffer, MathMax(until - most - 1, 0), encoding)
      buffer.copyWithin(0, kept, length)
      length -= kept
      base += kept
      for (let pattern = 0; pattern < from.length; pattern++) from[pattern] = MathMax(from[pattern], until) - kept
    }
  } finally {
    await file.close()
  }
}

/**
 * A pipe or a device has no place to read from, and no end.
 *
 * @param {import('node:fs/promises').FileHandle} file
 * @param {any} path
 */
async function requireRegular (file, path) {
  const stat = await file.stat()
  // Of a folder the first read says what it is.
  if (stat.isFile() || stat.isDirectory()) return
  throw new FileError({ code: 'ERR_FILE_NOT_REGULAR', message: `'${path}' is not a regular file`, path: String(path) })
}

/**
 * A match, and for its pattern where the next one can begin.
 *
 * @param {Settings} settings
 * @param {Buffer} buffer
 * @param {number} base
 * @param {Int32Array} found
 * @param {number} at where the match is in `found`
 * @param {Uint32Array} from
 */
function matchAt ({ programs, encoding, most, path, many }, buffer, base, found, at, from) {
  const pattern = found[at]
  const { captures: width, names } = programs[pattern]
  const begin = found[at + 1]
  const end = found[at + 2]
  if (end - begin > most) throw new TooLargeError({ message: `A match in '${path}' has more than ${most} bytes (maxMatchLength)`, limit: most, received: end - begin })
  from[pattern] = end > begin ? end : end + 1
  const textOf = (/** @type {number} */ group) => found[at + 1 + group * 2] < 0 ? undefined : buffer.toString(ENCODINGS[encoding], found[at + 1 + group * 2], found[at + 2 + group * 2])
  /** @type {(string | undefined)[]} */
  const captures = []
  for (let group = 1; group < width; group++) append(captures, textOf(group))
  const text = textOf(0)
  const groups = names === undefined ? undefined : named(names, [text, ...captures])
  return { index: base + begin, byteLength: end - begin, text, captures, groups, ...(many && { pattern }) }
}

/**
 * The last place up to `at` where a character begins, if bytes are UTF-8: at most three bytes belong to one that is not complete.
 *
 * @param {Buffer} buffer
 * @param {number} at
 * @param {number} [encoding]
 * @returns {number}
 */
function boundaryBefore (buffer, at, encoding = UTF8) {
  if (encoding !== UTF8) return at
  for (let back = 1; back <= 3 && back <= at; back++) {
    const byte = buffer[at - back]
    if (byte < 0x80) return at
    if (byte >= 0xC0) return back < (byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2) ? at - back : at
  }
  return at
}

module.exports = { scanFile }
