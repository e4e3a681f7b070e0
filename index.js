'use strict'
// The face: every public name, once. What each means is in index.d.ts; how it works is in lib/.

const { Lane } = require('./lib/lane')
const { runtime } = require('./lib/runtime')
const { hash, hashSync, hmac, getHashes } = require('./lib/hash')
const { hashMany } = require('./lib/hash-many')
const { hashFile } = require('./lib/hash-file')
const { Hash, createHash } = require('./lib/streams/hash')
const { SafeRegExp } = require('./lib/regexp')
const { LaneFullError, LaneClosedError, TaskTimeoutError, TooLargeError, FileError, RegExpBudgetError, InternalError } = require('./lib/errors')

module.exports = {
  Lane, runtime,
  hash, hashSync, hashMany, hashFile, hmac, createHash, getHashes, Hash,
  SafeRegExp,
  LaneFullError, LaneClosedError, TaskTimeoutError, TooLargeError, FileError, RegExpBudgetError, InternalError
}
