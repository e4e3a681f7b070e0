'use strict'
// The face: every public name, once. What each means is in index.d.ts; how it works is in lib/.

const { Lane } = require('./lib/lane')
const { runtime } = require('./lib/runtime')
const { hash, hashSync, hmac, getHashes } = require('./lib/hash')
const { hashMany } = require('./lib/hash-many')
const { hashFile } = require('./lib/hash-file')
const { Hash, createHash } = require('./lib/streams/hash')
const { json } = require('./lib/json')
const { ndjson } = require('./lib/ndjson')
const { LaneFullError, LaneClosedError, TaskTimeoutError, TooLargeError, FileError, JsonSyntaxError, InternalError } = require('./lib/errors')

module.exports = {
  Lane, runtime,
  hash, hashSync, hashMany, hashFile, hmac, createHash, getHashes, Hash,
  json, ndjson,
  LaneFullError, LaneClosedError, TaskTimeoutError, TooLargeError, FileError, JsonSyntaxError, InternalError
}
