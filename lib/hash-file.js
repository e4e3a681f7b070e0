'use strict'
// hashFile: documented in index.d.ts.

const { AsyncResource } = require('node:async_hooks')
const { types } = require('node:util')
const { fileURLToPath } = require('node:url')
const { native } = require('./native')
const { algorithmOf, readDigestOptions } = require('./algorithms')
const { readTaskOptions } = require('./options')
const { checkFunction, invalidType, invalidValue } = require('./validate')
const { run } = require('./task')

/** @type {import('./task').Operation} */
const HASH_FILE = { name: 'hashFile', submit: native.submitHashFile }

/**
 * @param {any} algorithm
 * @param {any} path
 * @param {any} [options]
 * @returns {Promise<any>}
 */
function hashFile (algorithm, path, options) {
  const many = Array.isArray(algorithm)
  /** @type {any[]} */
  const names = many ? [...algorithm] : [algorithm]
  if (names.length === 0) throw invalidValue('algorithms', names, 'must not be empty')
  const chosen = names.map((name, index) => algorithmOf(name, many ? `algorithms[${index}]` : 'algorithm'))
  // One length or key for several algorithms is right only if it is for each.
  const settings = chosen.map((each) => readDigestOptions(each, options))[0]
  const task = { ...readTaskOptions(options), onProgress: readProgress(options) }
  const bytes = pathToBytes(path)
  const ids = Uint8Array.from(chosen, (each) => each.id)
  const finish = many ? (/** @type {any[]} */ digests) => Object.fromEntries(names.map((name, index) => [name, digests[index]])) : (/** @type {any[]} */ digests) => digests[0]
  return run(HASH_FILE, task, bytes, false, finish, ids, settings.encoding, settings.outputLength, settings.key, task.onProgress !== undefined)
}

/**
 * @param {any} options
 * @returns {undefined | ((progress: any) => void)}
 */
function readProgress (options) {
  const onProgress = options?.onProgress
  if (onProgress === undefined) return undefined
  checkFunction(onProgress, 'options.onProgress')
  // It is called from a batch of results of everybody, so it takes the caller's async context with it.
  return /** @type {any} */ (AsyncResource.bind(/** @type {any} */ (onProgress)))
}

/**
 * @param {any} path
 * @returns {Uint8Array}
 */
function pathToBytes (path) {
  const plain = path instanceof URL ? fileURLToPath(path) : path
  if (typeof plain !== 'string' && !types.isUint8Array(plain)) throw invalidType('path', 'of type string or an instance of Buffer or URL', path)
  const bytes = typeof plain === 'string' ? Buffer.from(plain) : plain
  if (bytes.includes(0)) throw invalidValue('path', path, 'must be without null bytes')
  return bytes
}

module.exports = { hashFile }
